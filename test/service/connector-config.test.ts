import * as assert from 'uvu/assert';
import { loadConfig } from '../../src/config/load-config.js';
import { connectorConfig } from '../../src/service/connector-config.js';
import { suite } from '../support/suite.js';

const values = {
  isEnterprise: 'box_enterprise',
  clientId: 'id',
  clientSecret: 'secret',
  refreshToken: null,
  enterpriseId: '12',
  jwtConfig: null,
  concurrentDownloads: 7,
  extractionMethod: null,
} as const;

const load = (settings: Readonly<Record<string, unknown>> = {}) =>
  loadConfig(
    { env: {}, readText: () => '' },
    {
      overrides: {
        connectors: [{ connector_id: 'c', service_type: 'box' }],
        'box.base_url': 'http://127.0.0.1:1',
        'box.user_id': '99',
        'box.jwt_config': 'of-the-file',
        'extraction.method': 'tika',
        'box.concurrent_downloads': 2,
        'elasticsearch.api_key': 'top',
        'pipeline.name': 'of-the-file',
        'pipeline.run_ml_inference': false,
        ...settings,
      },
    },
  ).config;

suite('connectorConfig', (test) => {
  test('takes sign-in, index, rules, pipeline and key from the connector, all else from the file', () => {
    const file = load();
    const rules = [{ id: 'r' }];
    const config = connectorConfig(file, {
      values,
      indexName: 'search-x',
      pipeline: { name: 'own', extract_binary_content: false },
      rules,
      apiKey: 'own-key',
    });
    assert.equal(config.box, {
      ...file.box,
      is_enterprise: 'box_enterprise',
      client_id: 'id',
      client_secret: 'secret',
      refresh_token: null,
      enterprise_id: '12',
      user_id: null,
      jwt_config: null,
      concurrent_downloads: 7,
    });
    assert.is(config.box.base_url, 'http://127.0.0.1:1');
    assert.equal([config.index, config.sync_rules, config.elasticsearch.api_key], ['search-x', rules, 'own-key']);
    assert.equal(config.pipeline, {
      name: 'own',
      extract_binary_content: false,
      reduce_whitespace: true,
      run_ml_inference: false,
    });
  });

  test("goes by the file's pipeline and key where the connector has none", () => {
    const file = load();
    const config = connectorConfig(file, { values, indexName: 'i', pipeline: null, rules: [], apiKey: null });
    assert.equal([config.pipeline, config.elasticsearch], [file.pipeline, file.elasticsearch]);
  });

  test("has the connector's JWT configuration and extraction win over the file's, which hold where it has none", () => {
    const file = load();
    const rest = { indexName: 'i', pipeline: null, rules: [], apiKey: null };
    const own = { ...values, jwtConfig: '{}', extractionMethod: 'none' } as const;
    const config = connectorConfig(file, { values: own, ...rest });
    assert.equal([config.box.jwt_config, config.extraction], ['{}', { method: 'none', max_tries: 3 }]);
    assert.equal(connectorConfig(file, { values, ...rest }).extraction, {
      method: 'tika',
      max_tries: 3,
    });
  });
});
