import * as assert from 'uvu/assert';
import { elasticsearchConnection } from '../../src/app/elasticsearch-connection.js';
import { systemClock } from '../../src/core/clock.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';

suite('elasticsearchConnection', (test) => {
  test('takes everything over; seconds become milliseconds', () => {
    const { config } = loadTestConfig({
      elasticsearch: {
        host: 'https://search.example.com:9200',
        api_key: 'the-key',
        ca_certs: '/etc/ca.pem',
        verify_certs: false,
        request_timeout: 7,
      },
    });
    const connection = elasticsearchConnection(config, 'run', {
      clock: systemClock,
      random: () => 0,
      log: { warn: () => {} },
      version: '1.2.3',
    });
    assert.is(connection.host, 'https://search.example.com:9200');
    assert.is(connection.apiKey, 'the-key');
    assert.is(connection.caCerts, '/etc/ca.pem');
    assert.is(connection.verifyCerts, false);
    assert.is(connection.requestTimeoutMs, 7_000);
    assert.is(connection.version, '1.2.3');
  });
});
