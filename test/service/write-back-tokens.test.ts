import * as assert from 'uvu/assert';
import { writeBackTokens } from '../../src/service/write-back-tokens.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { suite } from '../support/suite.js';
import { MemoryProtocol } from './memory-protocol.js';
import { quietLog } from './quiet-log.js';

const token = (refreshToken: string | null) => ({ accessToken: 'a', refreshToken, expiresAt: 1, origin: 'o' });

function rig() {
  const protocol = new MemoryProtocol();
  protocol.putConnector('c', { configuration: { refresh_token: { value: 'first', label: 'Refresh Token' } } });
  const { log, text } = quietLog();
  const store = new MemoryTokenStore();
  const written = writeBackTokens({ protocol, log }, 'c', { tokens: store, configured: 'first' });
  return { protocol, store, text, ...written };
}

suite('writeBackTokens', (test) => {
  test('puts each new refresh token into the configuration, when it is kept', async () => {
    const { protocol, store, tokens, done } = rig();
    tokens.save('id', token('second'));
    assert.is(store.load('id')?.refreshToken, 'second', 'on disk first');
    tokens.save('id', token('third'));
    await done();
    assert.equal(protocol.connectorSource('c')['configuration'], {
      refresh_token: { value: 'third', label: 'Refresh Token' },
    });
    assert.is(tokens.load('id')?.refreshToken, 'third');
  });

  test('leaves what somebody else has put there, also in the last moment', async () => {
    const { protocol, tokens, done } = rig();
    protocol.interfere = () => {
      void protocol.updateConnector('c', { configuration: { refresh_token: { value: 'by hand' } } });
    };
    tokens.save('id', token('second'));
    tokens.save('id', token(null));
    await done();
    assert.equal(protocol.connectorSource('c')['configuration'], {
      refresh_token: { value: 'by hand', label: 'Refresh Token' },
    });
  });

  test('only logs that it cannot be written', async () => {
    const { protocol, store, tokens, done, text } = rig();
    protocol.connector = () => Promise.reject(new Error('unreachable'));
    tokens.save('id', token('second'));
    await done();
    assert.is(store.load('id')?.refreshToken, 'second');
    assert.match(text(), 'unreachable');
    assert.not.match(text(), 'second');
  });
});
