import * as assert from 'uvu/assert';
import { loadConfig } from '../../src/config/load-config.js';
import { connectorLines } from '../../src/service/connector-lines.js';
import { suite } from '../support/suite.js';

const host = 'https://search.example.com:9200';

function loaded(lines: readonly string[]) {
  const readText = (path: string) => (path === 'config.yml' ? lines.join('\n') : 'from-the-file\n');
  const { config, mode } = loadConfig({ env: {}, readText }, { path: 'config.yml' });
  return { key: config.elasticsearch.api_key, host: config.elasticsearch.host, connectors: config.connectors, mode };
}

suite('connectorLines()', (test) => {
  test('are a configuration of the service, whatever the id is', () => {
    for (const id of [
      'my-box',
      'a: b\n- "c" # d',
      '\u001b[2J\u2028',
      '007',
      'yes',
      'é\\n',
      "it's",
      '- ',
      '${HOME}'.slice(1),
    ]) {
      const lines = connectorLines({ host, connectorId: id, key: { encoded: 'a==' }, isForProtocol: true });
      assert.is(lines.length, 6);
      assert.equal(loaded(lines), {
        key: 'a==',
        host,
        connectors: [{ connector_id: id, service_type: 'box', api_key: 'a==' }],
        mode: 'service',
      });
    }
  });

  test('the key is where it is kept, and for what it is good', () => {
    const file = connectorLines({ host, connectorId: 'c', key: { file: '/keys/a b' }, isForProtocol: true });
    assert.equal([loaded(file).key, loaded(file).connectors[0]?.api_key], ['from-the-file', 'from-the-file']);
    const own = loaded(connectorLines({ host, connectorId: 'c', key: { encoded: 'own' }, isForProtocol: false }));
    assert.equal([own.key, own.connectors[0]?.api_key], [null, 'own']);
    const lines = connectorLines({ host, connectorId: 'c', key: null, isForProtocol: true });
    assert.not.match(lines.join('\n'), /api_key/);
  });
});
