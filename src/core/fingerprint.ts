import { createHash } from 'node:crypto';

/** Short text that changes whenever one of the values does. Values are compared as JSON. */
export function fingerprint(...values: readonly unknown[]): string {
  return createHash('sha1').update(JSON.stringify(values)).digest('base64url').slice(0, 12);
}
