import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../src/core/errors.js';
import { leaves } from '../../src/config/leaves.js';
import { loadConfig } from '../../src/config/load-config.js';
import { suite } from '../support/suite.js';
import { load, problemsOf } from './loading.js';

const everyKey = readFileSync(new URL('fixtures/elastic-every-key.yml', import.meta.url), 'utf8');

suite('loadConfig()', (test) => {
  test('reports all problems at once, each with key, value and expectation', () => {
    const file = `
elasticsearch.hots: http://es:9200
elasticsearch: { host: "es:9200", password: 12345, request_timeout: soon }
box: { client_secert: hunter2, concurrent_downloads: 65, listing.concurrency: 0, is_enterprise: free }
pipeline_limits.rows: 5
tika: 9998
sink: elastic
log.level: loud
deletes.max_share: 1.5
bulk.max_bytes: 1tb
`;
    assert.equal(problemsOf({ file }), [
      'Cannot use "elasticsearch.hots" here: unknown key, did you mean "elasticsearch.host"?',
      'Cannot use "box.client_secert" here: unknown key, did you mean "box.client_secret"?',
      'Cannot use "tika": a number, expected a section with keys',
      'Cannot use "sink": "elastic", expected elasticsearch, local_index or bulk_file',
      'Cannot use "elasticsearch.host": "es:9200", expected a URL that starts with http:// or https://',
      'Cannot use "elasticsearch.password": [redacted], expected text, in quotes',
      'Cannot use "elasticsearch.request_timeout": "soon", expected seconds: a number, at least 0.1',
      'Cannot use "box.is_enterprise": "free", expected box_free or box_enterprise',
      'Cannot use "box.listing.concurrency": 0, expected a whole number from 1 to 64',
      'Cannot use "box.concurrent_downloads": 65, expected a whole number from 1 to 64',
      'Cannot use "deletes.max_share": 1.5, expected a number from 0 to 1',
      'Cannot use "bulk.max_bytes": "1tb", expected bytes: a number or text such as 512kb or 32mb, at least 1kb, at most 100mb',
      'Cannot use "log.level": "loud", expected trace, debug, info, warn, error, fatal or silent',
    ]);
  });

  test('reads nested, dotted and mixed names alike', () => {
    const files = [
      'elasticsearch: { bulk: { error_monitor: { max_total_errors: 7 } } }',
      'elasticsearch.bulk.error_monitor.max_total_errors: 7',
      'elasticsearch: { bulk.error_monitor.max_total_errors: 7 }',
      'elasticsearch.bulk: { error_monitor: { max_total_errors: 7 } }',
      '{"elasticsearch": {"bulk": {"error_monitor.max_total_errors": 7}}}',
      '{\n\t"elasticsearch.bulk":\n\t\t{"error_monitor": {"max_total_errors": 7}}\n}',
      'x-bulk: &bulk { error_monitor.max_total_errors: 7 }\nelasticsearch.bulk: *bulk',
    ];
    for (const file of files.slice(0, -1)) {
      assert.is(load({ file }).config.elasticsearch.bulk.error_monitor.max_total_errors, 7, file);
    }
    // There is no place for anchors apart from keys.
    assert.equal(problemsOf({ file: files.at(-1) ?? '' }).length, 1);
  });

  test('refuses a key that is given twice in two forms', () => {
    const problems = problemsOf({ file: 'elasticsearch: { password: a }\nelasticsearch.password: b' });
    assert.equal(problems, ['Cannot use "elasticsearch.password" twice: expected it in one place']);
  });

  test('takes a later layer over an earlier one', () => {
    const key = 'elasticsearch.max_retries';
    const layers = {
      env: { 'elasticsearch.max_retries': '1', ELASTICSEARCH_MAX_RETRIES: '3' },
      file: 'elasticsearch: { max_retries: 2 }',
      overrides: { [key]: 4 },
    };
    const retries = (given: Parameters<typeof load>[0]) => load(given).config.elasticsearch.max_retries;
    assert.is(retries({}), 5);
    assert.is(retries({ env: { 'elasticsearch.max_retries': '1' } }), 1);
    assert.is(retries({ env: { 'elasticsearch.max_retries': '1' }, file: layers.file }), 2);
    assert.is(retries({ env: layers.env, file: layers.file }), 3);
    assert.is(retries(layers), 4);
  });

  test('names the layer of a value that it refuses, and ignores one that is overridden', () => {
    assert.equal(problemsOf({ env: { BULK_MAX_ITEMS: 'many' }, file: 'bulk.max_items: none' }), [
      'Cannot use "bulk.max_items" (from BULK_MAX_ITEMS): "many", expected a whole number from 1 to 10000',
    ]);
    assert.equal(problemsOf({ overrides: { 'log.level': 'x', nonsense: 1 } }), [
      'Cannot use "nonsense" here: unknown key, expected one of the keys in config/reference.md',
      'Cannot use "log.level" (from the command line): "x", expected trace, debug, info, warn, error, fatal or silent',
    ]);
    assert.is(load({ env: { BULK_MAX_ITEMS: '9' }, file: 'bulk.max_items: "$NOT_SET"' }).config.bulk.max_items, 9);
  });

  test('takes no value from an empty variable or null', () => {
    const { config } = load({
      env: { ELASTICSEARCH_HOST: '', 'tika.url': '', EMPTY: '' },
      file: 'elasticsearch: { host: null, api_key: "${EMPTY}" }\nbox:\nconnectors: null',
    });
    assert.is(config.elasticsearch.host, 'http://localhost:9200');
    assert.is(config.elasticsearch.api_key, null);
    assert.is(config.tika.url, 'http://127.0.0.1:9998');
    assert.equal(config.connectors, []);
  });

  test('puts variables into values, typed as the key wants them', () => {
    const { config } = load({
      env: { PW: '12345', N: '12', YES: 'yes', HOST: 'es', QUOTES: `a"b': {c`, IDS: '1, 2' },
      file: `
elasticsearch: { host: "http://\${HOST}:92\${PORT|00}", password: $PW, verify_certs: $YES }
bulk.max_items: \${N}
box: { client_id: "\${QUOTES}", client_secret: 'a$$b', folders: $IDS }
connectors: [ { connector_id: "\${HOST}", api_key: $PW } ]
`,
    });
    assert.is(config.elasticsearch.host, 'http://es:9200');
    assert.is(config.elasticsearch.password, '12345');
    assert.is(config.elasticsearch.verify_certs, true);
    assert.is(config.bulk.max_items, 12);
    assert.is(config.box.client_id, `a"b': {c`);
    assert.is(config.box.client_secret, 'a$b');
    assert.equal(config.box.folders, ['1', '2']);
    assert.equal(config.connectors, [{ connector_id: 'es', service_type: 'box', api_key: '12345' }]);
  });

  test('names key and variable where a variable is not set', () => {
    const file = 'elasticsearch.password: $ES_PASSWORD\nconnectors: [{ connector_id: a, api_key: "${KEY}" }]';
    assert.equal(problemsOf({ file }), [
      'Cannot fill in "connectors[0].api_key" from the environment: "KEY" is not set, expected a value or a default as in ${NAME|default}',
      'Cannot fill in "elasticsearch.password" from the environment: "ES_PASSWORD" is not set, expected a value or a default as in ${NAME|default}',
    ]);
  });

  test('does not look for variables in the environment or on the command line', () => {
    const { config } = load({ env: { BOX_CLIENT_SECRET: 'a$b' }, overrides: { 'box.client_id': '$$x' } });
    assert.is(config.box.client_secret, 'a$b');
    assert.is(config.box.client_id, '$$x');
  });

  test('a line break in what has to be one line is named by its key, without the value', () => {
    const file = `
index: "a\\nb"
elasticsearch: { host: "http://es:9200", api_key: "geheim\\r\\nx: y", username: "geheim\\n" }
box: { client_id: "geheim\\n", client_secret: "geheim\\n", refresh_token: "\\ngeheim" }
connectors: [{ connector_id: a, api_key: "geheim\\n" }]
`;
    const problems = problemsOf({ file });
    const wrong = /^Cannot use "([^"]+)": .*(a line break|\[redacted\]|"a\\nb").*, expected .+/;
    assert.equal(problems.map((problem) => wrong.exec(problem)?.[1] ?? problem).sort(), [
      'box.client_id',
      'box.client_secret',
      'box.refresh_token',
      'connectors[0].api_key',
      'elasticsearch.api_key',
      'elasticsearch.username',
      'index',
    ]);
    assert.not.match(problems.join(), /geheim/);
    // What an encoded key cannot have, though it is one line.
    const [key = ''] = problemsOf({ file: 'elasticsearch.api_key: "geheim “x”"' });
    assert.match(key, /^Cannot use "elasticsearch\.api_key": \[redacted\], expected an encoded API key/);
  });

  test('reads secrets from files', () => {
    const { config } = load({
      env: { BOX_REFRESH_TOKEN_FILE: '/run/token', 'elasticsearch.password_file': '/run/pw', DIR: '/run' },
      file: 'box: { client_secret_file: "$DIR/secret" }\nconnectors: [{ connector_id: a, api_key_file: /run/key }]',
      files: { '/run/token': 'token\r\n', '/run/secret': 'a$b\n', '/run/pw': ' spaces \n\n', '/run/key': 'key' },
    });
    assert.is(config.box.refresh_token, 'token');
    assert.is(config.box.client_secret, 'a$b');
    assert.is(config.elasticsearch.password, ' spaces \n');
    assert.equal(config.connectors, [{ connector_id: 'a', service_type: 'box', api_key: 'key' }]);
  });

  test('says what is wrong with a file of a secret', () => {
    const file = `
box: { client_secret_file: /none, refresh_token_file: /empty, client_id_file: /id }
elasticsearch: { api_key: a, api_key_file: /b }
connectors: [{ connector_id: a, api_key_file: 5 }, { connector_id: b, api_key: x, api_key_file: /b }]
`;
    assert.equal(problemsOf({ file, files: { '/empty': '\n', '/b': 'b' } }), [
      'Cannot use "box.client_id_file" here: unknown key, expected one of the keys in config/reference.md',
      'Cannot use "elasticsearch.api_key" and "elasticsearch.api_key_file" together, expected one of them',
      'Cannot use "connectors[0].api_key_file": a number, expected the path of a file',
      'Cannot use "connectors[1].api_key_file" and "api_key" together, expected one of them',
      'Cannot read "box.client_secret_file": "/none" does not exist, expected a file that holds the secret',
      'Cannot read "box.refresh_token_file": the file "/empty" is empty, expected the secret',
    ]);
    const env = { BOX_CLIENT_SECRET: 'a', BOX_CLIENT_SECRET_FILE: '/b' };
    assert.equal(problemsOf({ env, files: { '/b': 'b' } }), [
      'Cannot use "box.client_secret" (from BOX_CLIENT_SECRET) and "box.client_secret_file" (from BOX_CLIENT_SECRET_FILE) together, expected one of them',
    ]);
  });

  test('reads lists and sections from variables', () => {
    const { config } = load({
      env: {
        CONNECTORS: '[{"connector_id": "a", "api_key": "k"}]',
        ELASTICSEARCH_HEADERS: '{"X-Found": "yes"}',
        BOX_USERS_INCLUDE: 'a@x.org, b@x.org',
        SYNC_RULES: '[{"id": "r1"}]',
      },
    });
    assert.equal(config.connectors, [{ connector_id: 'a', service_type: 'box', api_key: 'k' }]);
    assert.equal(config.elasticsearch.headers, { 'X-Found': 'yes' });
    assert.equal(config.box.users.include, ['a@x.org', 'b@x.org']);
    assert.equal(config.sync_rules, [{ id: 'r1' }]);
  });

  test('shows no secret, wherever it is wrong', () => {
    const secret = 'sEcReT-7';
    const files = [
      `connectors: ${secret}`,
      `connectors: [{ connector_id: a, api_key: [${secret}] }, ${secret}]`,
      `box.client_secret: [${secret}]`,
      `elasticsearch.headers: { Authorization: { a: ${secret} } }`,
      `elasticsearch.headers: ${secret}`,
      `box.client_secretx: ${secret}`,
      `box: ${secret}`,
      `box: { client_secret: ${secret}`,
      `box: { client_secret: "\\q${secret}" }`,
      `elasticsearch.host: ftp://user:${secret}@host`,
      `elasticsearch.host: user:${secret}@host`,
    ];
    for (const file of files) assert.not.match(problemsOf({ file }).join('\n'), secret, file);
    const env = { CONNECTORS: secret, ELASTICSEARCH_HEADERS: secret };
    assert.not.match(problemsOf({ env }).join('\n'), secret);
  });

  test('keeps its messages whole: no word of ours is taken for a secret', () => {
    for (const [key, leaf] of leaves) {
      if (leaf.sensitive !== true) continue;
      const messages = [
        ...problemsOf({ file: `${key}_file: /none` }),
        ...problemsOf({ file: `${key}: "$NOT_SET"` }),
        ...problemsOf({ file: `${key}: a\n${key}_file: /b`, files: { '/b': 'b' } }),
        ...problemsOf({ file: `${key}_file: /b\n${key}: a\n`, files: { '/b': 'b' } }),
        ...problemsOf({ file: `wrong.${key}: a` }),
      ];
      assert.not.match(messages.join('\n').replaceAll('": [redacted], expected', ''), 'redacted', key);
    }
    assert.not.match(problemsOf({ purpose: 'sync' }).join('\n'), 'redacted');
  });

  test("accepts every key of Elastic's file, and says which do nothing", () => {
    const { config, warnings } = load({ file: everyKey });
    assert.is(config.elasticsearch.request_timeout, 120);
    assert.is(config.log.level, 'info');
    assert.is(config.extraction_service.use_file_pointers, false);
    assert.is(warnings.length, 21);
    assert.ok(
      warnings.includes(
        '"elasticsearch.bulk.chunk_size" has no effect: bulk.max_items takes its place; it counts documents, not lines',
      ),
    );
    assert.ok(warnings.includes('"sources" has no effect: the only source is Box'));
    assert.ok(warnings.every((warning) => warning.includes(' has no effect: ')));
  });

  test("accepts Elastic's file with all of it commented out", () => {
    const { config, warnings } = load({ file: everyKey.replaceAll(/^/gm, '#') });
    assert.equal(config, load({}).config);
    assert.equal(warnings, []);
  });

  test("accepts Elastic's file with only host, key and connector filled in", () => {
    const file = `
connectors:
  - connector_id: abc
    service_type: box
    api_key: key==
elasticsearch.host: https://cluster:9243
elasticsearch.api_key: other
`;
    const { config, warnings, mode } = load({ file, purpose: 'either' });
    assert.is(mode, 'service');
    assert.equal(warnings, []);
    assert.equal(config.connectors, [{ connector_id: 'abc', service_type: 'box', api_key: 'key==' }]);
  });

  test('takes the deprecated single connector as one more entry', () => {
    const { config, warnings } = load({ file: 'connector_id: abc\nservice_type: box\nelasticsearch.api_key: k' });
    assert.equal(config.connectors, [{ connector_id: 'abc', service_type: 'box', api_key: null }]);
    assert.match(warnings.join('\n'), 'deprecated');
    assert.not.ok('connector_id' in config);
    const both = load({ file: 'connector_id: abc\nconnectors: [{ connector_id: abc, api_key: k }]' });
    assert.equal(both.config.connectors, [{ connector_id: 'abc', service_type: 'box', api_key: 'k' }]);
  });

  test("takes Elastic's names of a key, and the key's own name over them", () => {
    assert.is(load({ file: 'service.log_level: WARNING' }).config.log.level, 'warn');
    assert.is(load({ file: 'log.level: error\nservice.log_level: WARNING' }).config.log.level, 'error');
    assert.is(load({ file: 'service.max_concurrent_syncs: 3' }).config.service.max_concurrent_content_syncs, 3);
    assert.equal(problemsOf({ file: 'service.log_level: LOUD' }), [
      'Cannot use "service.log_level": "LOUD", expected trace, debug, info, warn, error, fatal or silent',
    ]);
  });

  test('holds exactly the keys that count, deeply frozen', () => {
    const { config } = load({ file: everyKey + 'box.folders: [1]' });
    assert.not.ok('sources' in config || 'ssl' in config.elasticsearch || 'log_level' in config.service);
    assert.throws(() => (config.box.folders as string[]).push('2'), 'not extensible');
    assert.throws(() => ((config.bulk as { max_items: number }).max_items = 1), 'read only');
    assert.ok(Object.isFrozen(config.connectors) && Object.isFrozen(config));
  });

  test('does not share anything between two configurations', () => {
    const file = 'elasticsearch.headers: { a: b }';
    assert.equal(load({ file }).config.elasticsearch.headers, { a: 'b' });
    assert.equal(load({}).config.elasticsearch.headers, {});
  });

  test('puts the problems of the sync rules among the others', () => {
    const file = 'sync_rules: [{ id: r1, rule: regex, value: "(" }]\nsink: x';
    const seen: unknown[] = [];
    const checkSyncRules = (rules: readonly unknown[]) => {
      seen.push(rules);
      return ['Cannot use "sync_rules[0].value": "(", expected a regular expression'];
    };
    assert.equal(problemsOf({ file, checkSyncRules }), [
      'Cannot use "sink": "x", expected elasticsearch, local_index or bulk_file',
      'Cannot use "sync_rules[0].value": "(", expected a regular expression',
    ]);
    assert.equal(seen, [[{ id: 'r1', rule: 'regex', value: '(' }]]);
    assert.equal(problemsOf({ file: 'sync_rules: none', checkSyncRules }).length, 1);
  });

  test('says that the file is missing, or where its syntax is wrong', () => {
    const fail = (code: string) => () => {
      throw Object.assign(new Error(`${code}: no luck`), { code });
    };
    const reasons = [
      ['ENOENT', 'it does not exist'],
      ['EACCES', 'it may not be read by this user'],
      ['EISDIR', 'it is a folder'],
      ['EIO', 'it cannot be read (EIO: no luck)'],
    ] as const;
    for (const [code, reason] of reasons) {
      const attempt = () => loadConfig({ readText: fail(code), env: {} }, { path: 'my.yml' });
      assert.throws(
        attempt,
        (error: ConfigError) =>
          error.message === `Cannot read "my.yml": ${reason}, expected a configuration file (--config FILE)`,
      );
    }
    assert.equal(problemsOf({ file: 'box:\n  client_id: a\n  client_id: b\nsink: "x' }), [
      'Cannot read "config.yml" at line 3, column 3: the key "client_id" stands twice, expected it once',
      'Cannot read "config.yml" at line 4, column 9: Missing closing "quote, expected valid YAML',
    ]);
    assert.equal(problemsOf({ file: '- a' }), [
      'Cannot read "config.yml": a list, expected keys with values such as "elasticsearch:"',
    ]);
  });

  test('property: whatever the file is, it loads or gives a ConfigError of one-line problems', () => {
    const names = fc.constantFrom(...leaves.keys(), 'box', 'elasticsearch', '__proto__', 'constructor', 'a.b', '');
    const values = fc.oneof(fc.anything({ maxDepth: 2 }), fc.constantFrom('$A', '${A|b}', '1', 'yes', -1, 1e300));
    const trees = fc.array(fc.tuple(names, values), { maxLength: 6 }).map((entries) => toJson(entries));
    const texts = fc.oneof(trees, fc.string({ unit: 'binary' }), fc.lorem(), yamlish);
    fc.assert(
      fc.property(texts, fc.constantFrom('either', 'sync', 'service', 'login', 'nothing'), (file, purpose) => {
        try {
          load({ file, purpose, env: { A: file } });
        } catch (error) {
          assert.instance(error, ConfigError);
          for (const problem of (error as ConfigError).problems) assert.not.match(problem, /[\r\n]/);
        }
      }),
      { numRuns: 1000 },
    );
    for (const file of ['a: &a [*a]', '['.repeat(20_000), `a: ${'{a: '.repeat(100)}1${'}'.repeat(100)}`, bomb]) {
      assert.ok(problemsOf({ file }).length > 0);
    }
  });
});

const pieces = ['a', ': ', '\n', '  ', '- ', '&x ', '*x', '{', '}', '[', ']', '"', "'", '#', '|', '!!set ', '? ', ','];
const yamlish = fc
  .array(fc.constantFrom(...pieces, 'box', 'sink', '$A', '\t', '---'), { maxLength: 30 })
  .map((all) => all.join(''));

const bomb = Array.from({ length: 12 }, (_, level) =>
  level === 0
    ? 'a0: &a0 [x]'
    : `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
).join('\n');

function toJson(entries: readonly (readonly [string, unknown])[]): string {
  const members = entries.map(([name, value]) => {
    let text: string | undefined;
    try {
      text = JSON.stringify(value);
    } catch {
      text = undefined;
    }
    return `${JSON.stringify(name)}: ${text ?? 'null'}`;
  });
  return `{${members.join(', ')}}`;
}
