/** Reads to the end; holds all of it, uncopied. For content that may have to be sent twice. */
export async function readChunks(bytes: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return chunks;
}
