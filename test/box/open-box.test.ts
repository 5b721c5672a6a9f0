import * as assert from 'uvu/assert';
import { openBox } from '../../src/box/open-box.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { suite } from '../support/suite.js';

suite('openBox', (test) => {
  test('signs in with the first call, and counts', async () => {
    const simulator = await startSimulator({ tree: { users: 1 } });
    const { clientId, clientSecret, enterpriseId } = simulator.credentials;
    const { box, counts, close } = openBox({
      tokens: new MemoryTokenStore(),
      baseUrl: simulator.url,
      signIn: { kind: 'client-credentials', clientId, clientSecret, subject: { type: 'enterprise', id: enterpriseId } },
    });
    try {
      assert.is(counts.calls.token, 0, 'nothing before the first call');
      const { id } = await box.me(new AbortController().signal);
      assert.is(id, simulator.box.serviceAccountId);
      assert.is(counts.calls.token, 1);
    } finally {
      await close();
      await simulator.close();
    }
  });
});
