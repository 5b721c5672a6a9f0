type Members = Readonly<Record<string, unknown>>;

/** `update` laid over `base` as Elasticsearch merges a partial update: objects member by member, everything else whole. */
export function mergeDeep(base: Members, update: Members): Members {
  const merged = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(update)) {
    const before = merged.get(name);
    merged.set(name, isMembers(before) && isMembers(value) ? mergeDeep(before, value) : value);
  }
  return Object.fromEntries(merged);
}

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
