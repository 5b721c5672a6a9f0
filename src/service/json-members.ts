import { isRecord } from '../config/format.js';

/** A JSON object as somebody else has written it. */
export type Members = Readonly<Record<string, unknown>>;

/** Reads members of what somebody else has written: a member of another type is as good as missing. */
export const members = {
  of(value: unknown): Members {
    return isRecord(value) ? value : {};
  },
  text(value: unknown): string | null {
    return typeof value === 'string' && value !== '' ? value : null;
  },
  count(value: unknown): number {
    return typeof value === 'number' && Number.isFinite(value) ? value : 0;
  },
  flag(value: unknown, otherwise: boolean): boolean {
    return typeof value === 'boolean' ? value : otherwise;
  },
  /** A date in milliseconds since 1970; `null` for none. */
  date(value: unknown): number | null {
    if (typeof value === 'number') return value;
    if (typeof value !== 'string') return null;
    const at = Date.parse(value);
    return Number.isNaN(at) ? null : at;
  },
  list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
  },
} as const;
