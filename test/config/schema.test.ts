import * as assert from 'uvu/assert';
import { leaves, sections } from '../../src/config/leaves.js';
import type { Config } from '../../src/config/schema.js';
import { suite } from '../support/suite.js';
import { load } from './loading.js';

/** Types are checked by the compiler: this does not compile where `Config` has lost its types. */
type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const typed: readonly [
  Equal<Config['box']['client_secret'], string | null>,
  Equal<Config['box']['is_enterprise'], 'box_free' | 'box_enterprise'>,
  Equal<Config['bulk']['max_bytes'], number>,
  Equal<Config['elasticsearch']['verify_certs'], boolean>,
  Equal<Config['box']['folders'], readonly string[]>,
  Equal<Extract<keyof Config, 'sources' | 'connector_id'>, never>,
  Equal<Extract<keyof Config['elasticsearch'], 'ssl'>, never>,
] = [true, true, true, true, true, true, true];

const elasticsOwnNames = new Map([['elasticsearch.allow_version_mismatch', 'ALLOW_ES_VERSION_MISMATCH']]);

suite('schema', (test) => {
  test('has a doc, a format, a default and a systematic variable for each key', () => {
    assert.ok(leaves.size > 100);
    assert.ok(typed.every(Boolean));
    const variables = new Set<string>();
    for (const [key, leaf] of leaves) {
      assert.match(leaf.doc, /^[^ ].*\.$/, key);
      if (leaf.unused !== undefined) {
        assert.is(leaf.env, undefined, key);
        continue;
      }
      assert.is(leaf.env, elasticsOwnNames.get(key) ?? key.toUpperCase().replaceAll('.', '_'), key);
      assert.not.ok(variables.has(leaf.env ?? ''), key);
      variables.add(leaf.env ?? '');
      assert.is(leaf.default === null, leaf.nullable === true, key);
      if (leaf.default !== null) assert.not.throws(() => leaf.format(leaf.default), key);
    }
  });

  test('marks every secret', () => {
    const secrets = [...leaves].filter(([, leaf]) => leaf.sensitive === true).map(([key]) => key);
    assert.equal(secrets, [
      'connectors',
      'elasticsearch.api_key',
      'elasticsearch.password',
      'elasticsearch.headers',
      'box.client_secret',
      'box.refresh_token',
      'box.jwt_config',
    ]);
  });

  test('has other names only for keys that there are, and no key that is a section too', () => {
    for (const [key, leaf] of leaves) {
      if (leaf.alias !== undefined) assert.ok(leaves.has(leaf.alias), key);
      assert.not.ok(sections.has(key), key);
    }
  });

  test('gives its defaults where nothing is given', () => {
    const { config } = load({});
    for (const [key, leaf] of leaves) {
      if (leaf.unused !== undefined || leaf.alias !== undefined) continue;
      if (key === 'connector_id' || key === 'service_type') continue;
      const value = key.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown>)[part], config);
      assert.equal(value, leaf.default, key);
    }
  });
});
