/** Longer names are cut at the front: what readers look at is the extension. */
const longestName = 255;
/** What RFC 5987 wants encoded and `encodeURIComponent` leaves as it is. */
const alsoEncoded = /['()*]/g;

/**
 * `Content-Disposition` for a file name, whatever is in it: as it is for readers of RFC 5987, and in plain ASCII for the
 * others. Quotes, line breaks and the like never reach the header bare, so a name cannot add a header.
 */
export function fileNameHeader(name: string): string {
  const shown = name.slice(-longestName).replace(/\p{Surrogate}/gu, '\ufffd');
  const plain = shown.replace(/[^A-Za-z0-9._ -]/gu, '_');
  const encoded = encodeURIComponent(shown).replace(alsoEncoded, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
