import * as assert from 'uvu/assert';
import { describeConfig } from '../../src/config/describe-config.js';
import { suite } from '../support/suite.js';
import { load } from './loading.js';

suite('describeConfig()', (test) => {
  test('says what differs from the defaults, without secrets', () => {
    const file = `
connectors: [{ connector_id: a, api_key: s1 }, { connector_id: b }]
elasticsearch: { host: "https://user:s2@es:9200", api_key: s3, password: s4, headers: { authorization: s5 } }
box: { client_id: public, client_secret: s6, refresh_token: s7, concurrent_downloads: 15, folders: [1] }
bulk.max_bytes: 1mb
`;
    assert.equal(describeConfig(load({ file }).config), {
      connectors: [
        { connector_id: 'a', service_type: 'box', api_key: '[redacted]' },
        { connector_id: 'b', service_type: 'box', api_key: null },
      ],
      'elasticsearch.host': 'https://[redacted]@es:9200',
      'elasticsearch.api_key': '[redacted]',
      'elasticsearch.password': '[redacted]',
      'elasticsearch.headers': '[redacted]',
      'box.client_id': 'public',
      'box.client_secret': '[redacted]',
      'box.refresh_token': '[redacted]',
      'box.folders': ['1'],
      'bulk.max_bytes': 1_048_576,
    });
  });

  test('says nothing of defaults', () => {
    assert.equal(describeConfig(load({}).config), {});
  });
});
