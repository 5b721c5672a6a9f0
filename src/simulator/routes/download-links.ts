import { randomBytes } from 'node:crypto';
import type { FileVersion } from '../item.js';

interface Link {
  readonly version: FileVersion;
  readonly name: string;
  readonly expiresAt: number;
}

const most = 20_000;

/** Addresses from which content can be had for a while without a token. Holds up to 20,000; the oldest fall out. */
export class DownloadLinks {
  readonly #links = new Map<string, Link>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The path of a new address. */
  open(version: FileVersion, name: string, seconds: number): string {
    const key = randomBytes(18).toString('base64url');
    const [oldest] = this.#links.keys();
    if (this.#links.size >= most && oldest !== undefined) this.#links.delete(oldest);
    this.#links.set(key, { version, name, expiresAt: this.#now() + seconds * 1000 });
    return `/d/1/${key}/download`;
  }

  /** What lies at a path, unless it has expired. */
  find(path: string): Link | undefined {
    const key = /^\/d\/1\/([\w-]+)\/download$/.exec(path)?.[1] ?? '';
    const link = this.#links.get(key);
    return link && link.expiresAt > this.#now() ? link : undefined;
  }
}
