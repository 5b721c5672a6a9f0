/** A value that somebody has given to a key, not yet read: where a later layer gives the same key, it never is. */
export interface Given {
  /** The key in the schema. */
  readonly key: string;
  /** The name that was written: the key, or another name of it. */
  readonly name: string;
  readonly origin: Origin;
  readonly found: Found;
}

/** Only the file's texts are searched for variables. */
export type Origin =
  { readonly kind: 'file' } | { readonly kind: 'variable'; readonly name: string } | { readonly kind: 'override' };

/** The value, or the path of a file that holds it. */
export type Found =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'path'; readonly path: unknown };

/** The name as it stands in a message, with where it comes from. */
export function quoted({ name, origin }: Given, at = ''): string {
  if (origin.kind === 'file') return `"${name}${at}"`;
  return `"${name}${at}" (from ${origin.kind === 'variable' ? origin.name : 'the command line'})`;
}

/** What one layer has given, by key. */
export interface Layer {
  readonly given: ReadonlyMap<string, Given>;
  readonly problems: readonly string[];
  /** Keys without effect that were given. */
  readonly unused: readonly string[];
}
