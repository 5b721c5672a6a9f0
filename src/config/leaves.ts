import { type Leaf, type Section, schema } from './schema.js';

/** All keys by their dotted names, in the order of the schema. */
export const leaves: ReadonlyMap<string, Leaf> = new Map(leavesOf(schema, ''));

/** The dotted names of what holds keys: `box`, `box.users`. */
export const sections: ReadonlySet<string> = new Set([...leaves.keys()].flatMap(parentsOf));

function leavesOf(section: Section, prefix: string): readonly (readonly [string, Leaf])[] {
  return Object.entries(section).flatMap(([name, node]) =>
    isLeaf(node) ? [[`${prefix}${name}`, node] as const] : leavesOf(node, `${prefix}${name}.`),
  );
}

function isLeaf(node: Section | Leaf): node is Leaf {
  return 'format' in node;
}

function parentsOf(name: string): readonly string[] {
  const parts = name.split('.').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
}
