import type { BoxApi } from '../box/box-api.js';

/** The same calls; `onBytes` is told of every piece of content that arrives. */
export function countedDownloads(box: BoxApi, onBytes: (bytes: number) => void): BoxApi {
  return {
    ...box,
    async openContent(fileId, options, signal) {
      const content = await box.openContent(fileId, options, signal);
      return { ...content, bytes: counted(content.bytes, onBytes) };
    },
  };
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    onBytes(chunk.length);
    yield chunk;
  }
}
