import * as assert from 'uvu/assert';
import { cancelConnector } from '../../src/service/cancel-connector.js';
import { messageOf } from '../../src/core/message-of.js';
import { suite } from '../support/suite.js';
import { toolsRig } from './connector-tools-rig.js';

suite('cancelConnector()', (test) => {
  test('ends all that waits or runs of one connector, and waits for the service', async () => {
    const { tools, protocol, clock, said } = toolsRig();
    protocol.putConnector('c', { service_type: 'box' });
    for (const [id, status, connector] of [
      ['a', 'in_progress', 'c'],
      ['b', 'pending', 'c'],
      ['d', 'pending', 'other'],
      ['e', 'completed', 'c'],
    ] as const) {
      protocol.putJob(id, { status, connector: { id: connector } });
    }
    const ended = cancelConnector(tools, { id: 'c', json: true });
    await clock.advance(2_000);
    assert.equal(said, []);
    await protocol.updateJob('a', { status: 'canceled' });
    await clock.advance(1_000);
    assert.is(await ended, 0);
    assert.equal(
      said.map((line) => JSON.parse(line) as unknown),
      ['a', 'b'].map((id) => ({ id, connector_id: 'c', status: 'canceled' })),
    );
    assert.is(protocol.jobSource('d')['status'], 'pending');
  });

  test('says that nobody is there who could', async () => {
    const { tools, protocol, clock } = toolsRig();
    protocol.putConnector('c', { service_type: 'box' });
    protocol.putJob('a', { status: 'in_progress', connector: { id: 'c' } });
    const ended = cancelConnector(tools, { id: 'c', json: false }).then(
      () => 'ended',
      (error: unknown) => messageOf(error),
    );
    await clock.advance(95_000);
    assert.match(await ended, /"a": it is still canceling after 90 s, expected a service that runs/);
  });
});
