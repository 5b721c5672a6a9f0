import type { TruthItem } from './truth.js';

interface Options {
  /** Adds the text of files of up to 1 MiB as `text`. */
  readonly withText: boolean;
  /** Adds the whole listed object as `entry`. */
  readonly withEntry: boolean;
}

const longestText = 1 << 20;

/** The truth as lines of JSON, with the members of `TruthItem`. */
export function* truthLines(items: Iterable<TruthItem>, { withText, withEntry }: Options): Generator<string> {
  for (const item of items) {
    const { type, id, name, path, ancestors, ownerId, seenAs, size, sha1, fileVersionId, extension } = item;
    const { createdAt, modifiedAt, url, description, tags } = item;
    const line = {
      ...{ type, id, name, path, ancestors, ownerId, seenAs, size, sha1, fileVersionId, extension },
      ...{ createdAt, modifiedAt, url, description, tags },
      ...(withText && type === 'file' && (size ?? 0) <= longestText ? { text: item.content().toString() } : {}),
      ...(withEntry ? { entry: item.entry } : {}),
    };
    yield `${JSON.stringify(line)}\n`;
  }
}
