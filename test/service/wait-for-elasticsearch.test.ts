import * as assert from 'uvu/assert';
import { AbortedError, AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import { elasticsearchConnection } from '../../src/app/elasticsearch-connection.js';
import { waitForElasticsearch } from '../../src/service/wait-for-elasticsearch.js';
import { elasticsearchClient } from '../../src/sinks/elasticsearch-client.js';
import { rejectionOf } from '../support/fake-http.js';
import { HastyClock } from '../support/hasty-clock.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';
import { quietLog } from './quiet-log.js';

interface Answer {
  readonly status: number;
  readonly body?: object;
}

/** Waits for an Elasticsearch that gives these answers, the last one again and again. */
async function waiting(
  answers: readonly Answer[],
  settings: object = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly asked: number; readonly text: string }> {
  let asked = 0;
  const server = await serve((_request, response) => {
    const { status, body = {} } = answers[Math.min(asked, answers.length - 1)] ?? { status: 500 };
    asked += 1;
    response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
    response.end(JSON.stringify(body));
  });
  const { config } = loadTestConfig({ elasticsearch: { host: server.url, ...settings } });
  const { log, text } = quietLog();
  const deps = { clock: new HastyClock(), random: () => 0.5, log, version: 'test' };
  const client = elasticsearchClient(elasticsearchConnection(config, 'service', deps));
  try {
    await waitForElasticsearch({ client, log }, config.elasticsearch, signal);
    return { asked, text: text() };
  } finally {
    await client.close();
    await server.close();
  }
}

const version = (number: string): Answer => ({ status: 200, body: { version: { number } } });

suite('waitForElasticsearch', (test) => {
  test('goes on when it answers, in a version that is supported', async () => {
    for (const number of ['8.17.0', '9.5.3']) assert.is((await waiting([version(number)])).asked, 1);
  });

  test('waits while it does not', async () => {
    const { asked, text } = await waiting([{ status: 503 }, { status: 429 }, version('9.0.0')]);
    assert.is(asked, 3);
    assert.match(text, 'trying again in 1 s');
    assert.match(text, 'trying again in 2 s');
  });

  test('gives up after max_wait_duration, and says so', async () => {
    const error = await rejectionOf(TransientError, waiting([{ status: 503 }], { max_wait_duration: 10 }));
    assert.match(error.message, 'elasticsearch.max_wait_duration');
  });

  test('does not wait where waiting does not help', async () => {
    const error = await rejectionOf(AuthError, waiting([{ status: 401 }]));
    assert.match(error.message, 'elasticsearch.api_key');
  });

  test('accepts a cluster that tells nobody its version', async () => {
    for (const status of [403, 405]) assert.match((await waiting([{ status }])).text, 'refuses GET /');
  });

  test('refuses another major version, unless told otherwise', async () => {
    const error = await rejectionOf(PermanentError, waiting([version('7.17.0')]));
    assert.match(error.message, 'version 7.17.0');
    assert.match(error.message, 'ALLOW_ES_VERSION_MISMATCH');
    assert.match((await waiting([version('7.17.0')], { allow_version_mismatch: true })).text, '7.17.0');
  });

  test('ends at once when it is called off', async () => {
    await rejectionOf(AbortedError, waiting([{ status: 503 }], {}, AbortSignal.abort()));
  });
});
