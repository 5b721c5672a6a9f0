import * as assert from 'uvu/assert';
import { systemClock } from '../../src/core/clock.js';
import { AuthError, TransientError } from '../../src/core/errors.js';
import { openProtocol } from '../../src/service/open-protocol.js';
import { elasticsearchClient } from '../../src/sinks/elasticsearch-client.js';
import { rejectionOf } from '../support/fake-http.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';
import { quietLog } from './quiet-log.js';

type Answers = Readonly<Record<string, { readonly status: number; readonly body?: object }>>;

/** Opens the protocol at a cluster that gives these answers by path, else 500; resolves to what was asked and said. */
async function opening(
  answers: Answers,
  isWanted = true,
): Promise<{ readonly asked: readonly string[]; readonly text: string }> {
  const asked: string[] = [];
  const server = await serve((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    asked.push(`${request.method} ${path}`);
    const { status, body = {} } = answers[path] ?? { status: 500 };
    response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
    response.end(JSON.stringify(body));
  });
  const client = elasticsearchClient({ host: server.url, version: 'test' });
  const { log, text } = quietLog();
  const { signal } = new AbortController();
  try {
    await openProtocol({ client, clock: systemClock, log, signal }, { feature_use_connectors_api: isWanted });
    return { asked, text: text() };
  } finally {
    await client.close();
    await server.close();
  }
}

const list = '/_connector';
const may = '/_security/user/_has_privileges';
const listed = { status: 200, body: { count: 0, results: [] } };

suite('openProtocol()', (test) => {
  test('does not ask when the API is not wanted', async () => {
    const { asked, text } = await opening({}, false);
    assert.equal(asked, []);
    assert.match(text, 'used directly: "elasticsearch.feature_use_connectors_api" is off');
  });

  for (const status of [400, 404, 405, 410]) {
    test(`goes to the indices where there is no API (${status})`, async () => {
      const { asked, text } = await opening({ [list]: { status } });
      assert.equal(asked, [`GET ${list}`]);
      assert.match(text, `used directly: the cluster has no Connector API (it answers ${status})`);
    });
  }

  test('goes to the indices where the key may not use the API, or only read', async () => {
    assert.match((await opening({ [list]: { status: 403 } })).text, 'monitor_connector');
    const readOnly = { status: 200, body: { cluster: { manage_connector: false } } };
    assert.match((await opening({ [list]: listed, [may]: readOnly })).text, 'manage_connector');
  });

  test('finds the API, with security and without', async () => {
    const all = { status: 200, body: { cluster: { manage_connector: true } } };
    for (const answer of [all, { status: 400 }, { status: 405 }]) {
      assert.match((await opening({ [list]: listed, [may]: answer })).text, 'The Connector API is used');
    }
  });

  test('does not take a fault of the moment or of the sign-in for an answer', async () => {
    await rejectionOf(TransientError, opening({ [list]: { status: 503 } }));
    await rejectionOf(TransientError, opening({ [list]: listed, [may]: { status: 503 } }));
    await rejectionOf(AuthError, opening({ [list]: { status: 401 } }));
  });
});
