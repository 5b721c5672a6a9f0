import * as assert from 'uvu/assert';
import type { Mode, Purpose } from '../../src/config/check-config.js';
import { suite } from '../support/suite.js';
import { load, problemsOf } from './loading.js';

const app = 'client_id: a, client_secret: b';
const index = 'index: search-box';
const connectors = 'connectors: [{ connector_id: a }]';

const accepted: readonly (readonly [what: string, file: string, purpose: Purpose, mode: Mode, warnings?: number])[] = [
  ['box_free without a refresh token', `${index}\nbox: { ${app} }`, 'either', 'sync'],
  [
    'box_free with enterprise_id left in',
    `${index}\nbox: { is_enterprise: box_free, enterprise_id: 1, ${app} }`,
    'either',
    'sync',
  ],
  [
    'client credentials',
    `${index}\nbox: { is_enterprise: box_enterprise, enterprise_id: 1, ${app} }`,
    'either',
    'sync',
  ],
  [
    'client credentials for one user',
    `${index}\nbox: { is_enterprise: box_enterprise, user_id: "1", ${app} }`,
    'either',
    'sync',
  ],
  ['JWT', `${index}\nbox: { is_enterprise: box_enterprise, jwt_config: "{}" }`, 'either', 'sync'],
  [
    'JWT beside what it replaces',
    `${index}\nbox: { is_enterprise: box_enterprise, jwt_config: "{}", client_id: a }`,
    'either',
    'sync',
    1,
  ],
  ['another sink without an index', `sink: local_index\nbox: { ${app} }`, 'either', 'sync'],
  [
    'another sink and a cluster elsewhere',
    `sink: bulk_file\nelasticsearch.host: http://es:9200\nbox: { ${app} }`,
    'either',
    'sync',
  ],
  ['a login', `box: { ${app} }`, 'login', 'none'],
  ['a replay without any sign-in', index, 'replay', 'sync'],
  ['a replay beside half a sign-in', `${index}\nbox: { enterprise_id: 1 }`, 'replay', 'sync'],
  ['nothing at all for a search', '', 'nothing', 'none'],
  ['connectors', connectors, 'either', 'service'],
  ['connectors and tuning of Box', `${connectors}\nbox: { calls_per_minute: 10 }`, 'either', 'service'],
  ['connectors and a box section', `${connectors}\n${index}\nbox: { ${app} }`, 'either', 'service', 1],
  ['connectors and a box section, sync', `${connectors}\n${index}\nbox: { ${app} }`, 'sync', 'sync'],
  [
    'connectors of other types beside ours',
    'connectors: [{ connector_id: a }, { connector_id: b, service_type: s3 }]',
    'either',
    'service',
    1,
  ],
  [
    'connectors with keys of their own',
    'connectors: [{ connector_id: a, api_key: k }]\nelasticsearch.host: http://es:9200',
    'either',
    'service',
  ],
  ['worker mode', 'service: { worker_mode: true, service_types: [box] }', 'either', 'service'],
  [
    'the default password on this machine',
    `${connectors}\nelasticsearch.host: "http://[::1]:9200"`,
    'either',
    'service',
  ],
  [
    'a password elsewhere',
    `${connectors}\nelasticsearch: { host: "http://es:9200", password: changeme }`,
    'either',
    'service',
  ],
  ['few rows', `${connectors}\npipeline_limits.rows: 1000`, 'either', 'service', 1],
  ['few bytes', `${connectors}\npipeline_limits.bytes: 1mb`, 'either', 'service', 1],
  [
    'the extraction service',
    `${connectors}\nextraction.method: extraction_service\nextraction_service.host: http://x`,
    'either',
    'service',
  ],
  [
    'an extraction service that a connector may ask for',
    `${connectors}\nextraction_service.host: http://x`,
    'either',
    'service',
  ],
  [
    'an extraction service that is not used',
    `${index}\nbox: { ${app} }\nextraction_service.host: http://x`,
    'either',
    'sync',
    1,
  ],
];

const refused: readonly (readonly [what: string, file: string, purpose: Purpose, problems: readonly RegExp[]])[] = [
  ['neither box nor connectors', index, 'either', [/^Cannot start: neither "box" nor "connectors"/]],
  [
    'a box section with nothing needed',
    'box: { max_calls: 5 }',
    'either',
    [/"index" is missing/, /"box.client_id" is missing/, /"box.client_secret" is missing/],
  ],
  [
    'an enterprise without its id',
    `${index}\nbox: { is_enterprise: box_enterprise, ${app} }`,
    'sync',
    [/"box.enterprise_id" is missing/],
  ],
  [
    'enterprise keys without the kind',
    `${index}\nbox: { enterprise_id: 1, ${app} }`,
    'sync',
    [/expected "box.is_enterprise: box_enterprise"/],
  ],
  [
    'a JWT file that is not there',
    `${index}\nbox: { is_enterprise: box_enterprise, jwt_config_file: /nowhere/c.json }`,
    'sync',
    [/^Cannot read "box.jwt_config_file": "\/nowhere\/c.json" does not exist/],
  ],
  [
    'user and enterprise',
    `${index}\nbox: { is_enterprise: box_enterprise, user_id: 1, enterprise_id: 1, ${app} }`,
    'sync',
    [/"box.user_id" beside "box.enterprise_id"/],
  ],
  [
    'a faulty secret, which is not missing as well',
    `${index}\nbox: { client_id: a, client_secret: 1 }`,
    'sync',
    [/"box.client_secret": \[redacted\], expected text/],
  ],
  [
    'a faulty index, which is not missing as well',
    `index: Search\nbox: { ${app} }`,
    'sync',
    [/"index": "Search", expected the name of an index/],
  ],
  ['a login without an application', '', 'login', [/"box.client_id" is missing/, /"box.client_secret" is missing/]],
  ['a service without connectors', '', 'service', [/^Cannot start the service: "connectors" is missing/]],
  [
    'only connectors of other types',
    'connectors: [{ connector_id: a, service_type: s3 }]',
    'either',
    [/no entry of "connectors" has the service_type box/],
  ],
  [
    'a placeholder as id',
    'connectors: [{ connector_id: changeme }]',
    'either',
    [/"connectors\[0\].connector_id": "changeme"/],
  ],
  [
    'a connector twice',
    'connectors: [{ connector_id: a }, { connector_id: a }]',
    'either',
    [/"connectors": \[redacted\], expected each connector once/],
  ],
  [
    'worker mode with nothing but the key of one connector',
    'connectors: [{ connector_id: a, api_key: k }]\nelasticsearch.host: http://es:9200\nservice: { worker_mode: true, service_types: [box] }',
    'either',
    [/"service.worker_mode" at http:\/\/es:9200 with nothing but keys of single connectors/],
  ],
  ['worker mode without types', 'service.worker_mode: true', 'either', [/"service.service_types" does not name box/]],
  [
    'no sign-in elsewhere',
    `${connectors}\nelasticsearch.host: http://es:9200`,
    'either',
    [/^Cannot sign in to Elasticsearch at http:\/\/es:9200: "elasticsearch.api_key" is missing/],
  ],
  [
    'rows below one bulk request',
    `${connectors}\npipeline_limits.rows: 999`,
    'either',
    [/"pipeline_limits.rows": 999, expected at least "bulk.max_items" \(1000\)/],
  ],
  [
    'an extraction service without an address',
    `${connectors}\nextraction.method: extraction_service`,
    'either',
    [/without "extraction_service.host"/],
  ],
];

suite('checkConfig()', (test) => {
  for (const [what, file, purpose, mode, warnings = 0] of accepted) {
    test(`accepts ${what}`, () => {
      const loaded = load({ file, purpose });
      assert.is(loaded.mode, mode);
      assert.is(loaded.warnings.length, warnings, loaded.warnings.join('\n'));
    });
  }
  for (const [what, file, purpose, expected] of refused) {
    test(`refuses ${what}`, () => {
      const problems = problemsOf({ file, purpose });
      assert.is(problems.length, expected.length, problems.join('\n'));
      for (const [position, pattern] of expected.entries()) assert.match(problems[position] ?? '', pattern);
    });
  }

  test('finds the sign-in in the environment', () => {
    const env = { BOX_CLIENT_ID: 'a', BOX_CLIENT_SECRET: 'b', INDEX: 'search-box' };
    assert.is(load({ env, purpose: 'either' }).mode, 'sync');
  });
});
