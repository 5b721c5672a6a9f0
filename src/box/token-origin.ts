import { createHash } from 'node:crypto';

/**
 * `StoredToken.origin` for a configured refresh token: its SHA-256. Without one (`null`: only `login` brings tokens)
 * it is the hash of nothing.
 */
export function tokenOrigin(configuredRefreshToken: string | null): string {
  return createHash('sha256')
    .update(configuredRefreshToken ?? '')
    .digest('hex');
}
