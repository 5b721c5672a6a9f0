import type { HttpResponse } from './http-client.js';
import { parseJson } from './parse-json.js';

/** An answer whose body is already here. It may be read any number of times; the JSON is parsed once. */
export function textResponse(status: number, headers: Readonly<Record<string, string>>, text: string): HttpResponse {
  let parsed: Promise<unknown> | undefined;
  return {
    status,
    headers,
    text: () => Promise.resolve(text),
    json: () => (parsed ??= new Promise((resolve) => resolve(parseJson(text, 'Cannot read an answer of Box')))),
    async *bytes() {
      await Promise.resolve();
      if (text !== '') yield Buffer.from(text);
    },
  };
}
