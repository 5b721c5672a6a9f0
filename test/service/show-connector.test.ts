import * as assert from 'uvu/assert';
import { newConnector } from '../../src/service/new-connector.js';
import { showConnector } from '../../src/service/show-connector.js';
import { suite } from '../support/suite.js';
import { toolsRig } from './connector-tools-rig.js';

function source(): Record<string, unknown> {
  return {
    ...newConnector({
      name: 'Box',
      indexName: 'search-box',
      language: null,
      isNative: false,
      pipeline: { name: 'p', extract_binary_content: true, reduce_whitespace: true, run_ml_inference: true },
      values: { client_id: 'id', client_secret: 'geheim', refresh_token: 'geheim' },
      isComplete: true,
      now: new Date(0),
    }),
    scheduling: {
      full: { enabled: true, interval: '0 0 3 ? * SUN' },
      incremental: { enabled: true, interval: 'nonsense' },
    },
    last_sync_error: 'Incomplete: \u001b[31m',
  };
}

suite('showConnector()', (test) => {
  test('next times, errors and jobs, but no value of the form', async () => {
    const { tools, protocol, said } = toolsRig();
    protocol.putConnector('c', source());
    protocol.putJob('j', {
      connector: { id: 'c' },
      status: 'error',
      created_at: '2026-02-01T00:00:00Z',
      error: 'a\u001b[2J',
    });
    await showConnector(tools, { id: 'c', json: false });
    const text = said.join('\n');
    assert.match(text, /^Schedule full +0 0 3 \? \* SUN, next 2026-03-08T03:00:00.000Z, 2026-03-15T03/m);
    assert.match(text, /^Schedule incremental +Cannot read schedule "nonsense"/m);
    assert.match(text, /^Sync error +Incomplete: \\u001b\[31m$/m);
    assert.match(text, /^Form +complete$/m);
    assert.match(text, /^j +error +full +- +2026-02-01T00:00:00.000Z +- +0 +0 +a\\u001b\[2J$/m);
    await showConnector(tools, { id: 'c', json: true });
    const json = JSON.parse(said.at(-1) ?? '') as { scheduling: { full: { next: string[] } }; jobs: unknown[] };
    assert.is(json.scheduling.full.next.length, 3);
    assert.is(json.jobs.length, 1);
    assert.not.match(said.join(), /geheim/);
  });
});
