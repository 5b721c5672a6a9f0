const reference = /\$(?:\$|\{([A-Za-z_][\w.-]*)(?:\|([^}]*))?\}|([A-Za-z_]\w*))/g;

export interface Substituted {
  readonly text: string;
  /** Variables that are not set and have no default. */
  readonly missing: readonly string[];
}

/**
 * Puts the values of variables in place of `$NAME`, `${NAME}` and `${NAME|default}`. `$$` is a literal `$`, and a `$`
 * that begins none of these stays. What is put in is not looked at again.
 */
export function substitute(text: string, env: Readonly<Record<string, string | undefined>>): Substituted {
  const missing: string[] = [];
  const substituted = text.replace(reference, (match: string, ...groups: readonly (string | undefined)[]) => {
    const [braced, fallback, bare] = groups;
    const name = braced ?? bare;
    if (name === undefined) return '$';
    const found = (Object.hasOwn(env, name) ? env[name] : undefined) ?? fallback;
    if (found === undefined) missing.push(name);
    return found ?? match;
  });
  return { text: substituted, missing };
}
