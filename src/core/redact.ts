const named =
  /((?:access_token|refresh_token|client_secret|subject_token|assertion|api_key|apikey|password|passphrase|privateKey|shared_link_password|[?&]code)["']?\s*[=:]\s*)(?:(["'])(?:\\.|(?!\2)[^\\])*\2?|[^"'&\s,}]+)/gi;
const schemes = /\b(Bearer|ApiKey|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/g;
const credentialsInUrl = /(https?:\/\/)[^/@\s:]+:[^/@\s]+@/g;

/** `text` with every value that looks like a secret (tokens, passwords, keys, credentials in a URL) cut out. */
export function redact(text: string): string {
  return text
    .replace(named, (_, name: string, quote: string | undefined) => `${name}${quote ?? ''}[redacted]${quote ?? ''}`)
    .replace(schemes, '$1 [redacted]')
    .replace(credentialsInUrl, '$1[redacted]@');
}
