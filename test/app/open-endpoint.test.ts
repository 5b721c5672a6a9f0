import * as assert from 'uvu/assert';
import { openEndpoint } from '../../src/app/open-endpoint.js';
import { quietLog } from '../service/quiet-log.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';

function open(http: object) {
  const { config } = loadTestConfig({ service: { http } });
  const { log, text } = quietLog();
  const opened = openEndpoint(config, { log, version: '1', stop: new AbortController().signal });
  return { opened, text };
}

suite('openEndpoint()', (test) => {
  test('opens nothing without a port', async () => {
    for (const http of [{}, { host: '0.0.0.0' }]) {
      const { opened, text } = open(http);
      assert.is(await opened, null);
      assert.is(text(), '');
    }
  });

  test('says where it listens, and warns where others can reach it', async () => {
    for (const [host, isOpen] of [
      ['127.0.0.1', false],
      ['localhost', false],
      ['0.0.0.0', true],
    ] as const) {
      const { opened, text } = open({ host, port: 0 });
      const endpoint = await opened;
      try {
        assert.match(endpoint?.url ?? '', new RegExp(`^http://${host}:[1-9]\\d*$`));
        assert.match(text(), `Health and metrics are on ${endpoint?.url}`);
        assert.is(text().includes('WARN'), isOpen, text());
      } finally {
        await endpoint?.close();
      }
    }
  });
});
