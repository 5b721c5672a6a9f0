/**
 * Where the redirect to a file's content leads, as it can be asked for: an absolute http or https address, or a path,
 * which means Box's own host, as any other path. `undefined` if it is neither.
 */
export function downloadAddress(location: string): string | undefined {
  if (location.startsWith('/') && !location.startsWith('//'))
    return URL.canParse(location, 'https://box') ? location : undefined;
  const absolute = location.startsWith('//') ? `https:${location}` : location;
  if (!URL.canParse(absolute)) return undefined;
  const { protocol, username, password, href } = new URL(absolute);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '' ? href : undefined;
}
