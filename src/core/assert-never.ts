/** Marks the default of a switch over a union: adding a variant then breaks the build here. */
export function assertNever(value: never): never {
  throw new Error(`Cannot handle ${JSON.stringify(value)}: expected one of the known variants`);
}
