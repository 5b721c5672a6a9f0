import { collectLayer } from './collect-layer.js';
import type { Layer } from './given.js';
import { leaves } from './leaves.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the environment gives: `over` the file by the variables of the schema (`BOX_CLIENT_ID`, for secrets also
 * `BOX_CLIENT_SECRET_FILE`), `under` it by variables that are literally named like a key (`elasticsearch.host`), as in
 * Elastic's service. Empty variables give nothing.
 */
export function environmentLayers(env: Environment): { readonly over: Layer; readonly under: Layer } {
  const over = new Map<string, Variable>();
  const under = new Map<string, Variable>();
  const put = (layer: Map<string, Variable>, key: string, name: string) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined && value !== '') layer.set(key, { name, value });
  };
  for (const [key, leaf] of leaves) {
    const secret = leaf.sensitive === true;
    if (leaf.env !== undefined) put(over, key, leaf.env);
    if (leaf.env !== undefined && secret) put(over, `${key}_file`, `${leaf.env}_FILE`);
    if (key.includes('.')) put(under, key, key);
    if (key.includes('.') && secret) put(under, `${key}_file`, `${key}_file`);
  }
  return { over: layerOf(over), under: layerOf(under) };
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

function layerOf(variables: ReadonlyMap<string, Variable>): Layer {
  const tree = Object.fromEntries([...variables].map(([key, { value }]) => [key, value]));
  return collectLayer(tree, (key) => ({ kind: 'variable', name: variables.get(key)?.name ?? key }));
}
