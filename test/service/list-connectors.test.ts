import * as assert from 'uvu/assert';
import { listConnectors } from '../../src/service/list-connectors.js';
import { suite } from '../support/suite.js';
import { toolsRig } from './connector-tools-rig.js';

suite('listConnectors()', (test) => {
  test('a line each, whatever the names are; the error of a sync as well', async () => {
    const { tools, protocol, said, text } = toolsRig();
    await listConnectors(tools, { json: false });
    assert.equal(said, []);
    assert.match(text(), /There is no Box connector yet/);
    protocol.putConnector('b', { service_type: 'box', name: 'x\n\u001b[2J', status: 'error', last_sync_error: 'lost' });
    protocol.putConnector('a', {
      ...{ service_type: 'box', name: 'A', index_name: 'i', status: 'connected' },
      ...{ last_sync_status: 'completed', last_synced: '2026-01-01T00:00:00Z' },
    });
    protocol.putConnector('c', { service_type: 'jira' });
    await listConnectors(tools, { json: false });
    assert.equal(said.splice(0), [
      'ID  NAME          INDEX  STATUS     LAST SYNC                           ERROR',
      'a   A             i      connected  completed 2026-01-01T00:00:00.000Z  -',
      'b   x\\n\\u001b[2J  -      error      -                                   lost',
    ]);
    await listConnectors(tools, { json: true });
    assert.equal(
      said.map((line) => (JSON.parse(line) as { id: string }).id),
      ['a', 'b'],
    );
  });
});
