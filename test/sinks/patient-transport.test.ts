import type { ServerResponse } from 'node:http';
import { errors } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../src/core/errors.js';
import { elasticsearchClient } from '../../src/sinks/elasticsearch-client.js';
import { elasticsearchError } from '../../src/sinks/elasticsearch-error.js';
import { RepeatedFailure } from '../../src/sinks/repeated-failure.js';
import type { RequestPolicy } from '../../src/sinks/request-policy.js';
import { HastyClock } from '../support/hasty-clock.js';
import { suite } from '../support/suite.js';
import { loopbackElasticsearch } from './loopback-elasticsearch.js';

/** What comes in place of an answer. `silence`: nothing. */
type Fault = number | 'cut' | 'silence' | { readonly status: number; readonly retryAfter: string };

interface Asked {
  readonly faults: readonly Fault[];
  readonly policy?: Partial<RequestPolicy>;
  readonly method?: string;
  readonly path?: string;
  readonly maxRetries?: number;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

interface Answered {
  readonly answer: unknown;
  readonly error: unknown;
  readonly asked: number;
  readonly waits: readonly string[];
  /** By the clock of the policy. */
  readonly ms: number;
}

/** One request to a server that has these faults, one after the other, and then answers. */
async function ask({ faults, policy = {}, timeoutMs = 5_000, ...asked }: Asked): Promise<Answered> {
  const { method = 'GET', path = '/box', maxRetries, signal } = asked;
  let requests = 0;
  const server = await loopbackElasticsearch((_exchange, response) => {
    fail(response, faults[requests]);
    requests += 1;
  });
  const clock = new HastyClock();
  const startedAt = clock.now();
  const waits: string[] = [];
  const requestPolicy: RequestPolicy = {
    maxRetries: 5,
    baseMs: 1_000,
    maxElapsedMs: 600_000,
    retryOnTimeout: true,
    start: { maxWaitMs: 0, pauseMs: 1_000, factor: 2 },
    random: () => 0.5,
    clock,
    onWait: (message) => waits.push(message),
    ...policy,
  };
  const client = elasticsearchClient({
    host: server.host,
    version: 'test',
    requestTimeoutMs: timeoutMs,
    requests: requestPolicy,
  });
  let answer: unknown;
  let error: unknown;
  try {
    const options = { ...(maxRetries !== undefined && { maxRetries }), ...(signal !== undefined && { signal }) };
    answer = await client.transport.request({ method, path }, options);
  } catch (failure) {
    error = failure;
  } finally {
    await client.close();
    await server.close();
  }
  return { answer, error, asked: requests, waits, ms: clock.now() - startedAt };
}

function fail(response: ServerResponse, fault: Fault | undefined): void {
  if (fault === 'silence') return;
  if (fault === 'cut') {
    response.destroy();
    return;
  }
  const { status, retryAfter } = typeof fault === 'object' ? fault : { status: fault ?? 200, retryAfter: undefined };
  response.statusCode = status;
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  response.end(status < 300 ? '{"well":true}' : '{"error":{"type":"odd","reason":"now"}}');
}

/** In the words in which it is reported. */
function words({ error }: Answered): string {
  return elasticsearchError(error, 'ask', 'box').message;
}

suite('patientTransport()', (test) => {
  for (const fault of [408, 429, 500, 502, 503, 504, 'cut'] as const) {
    test(`${fault}: sent again`, async () => {
      const ran = await ask({ faults: [fault, fault] });
      assert.equal(ran.answer, { well: true });
      assert.is(ran.asked, 3);
      assert.equal(
        ran.waits.map((wait) => /trying again in .*/.exec(wait)?.[0]),
        ['trying again in 0.5 s', 'trying again in 1 s'],
      );
      assert.match(ran.waits[0] ?? '', /^Cannot send GET \/box: (?:the connection to )?Elasticsearch /);
    });
  }

  test('what will not be better is not sent again, and comes as the client gives it', async () => {
    for (const status of [400, 401, 403, 404, 409]) {
      const { error, asked } = await ask({ faults: [status, status] });
      assert.ok(error instanceof errors.ResponseError);
      assert.equal([error.statusCode, asked], [status, 1]);
    }
  });

  test('a refused sign-in behind a failure is part of it: a node that starts knows no keys', async () => {
    const ran = await ask({ faults: [503, 401, 403] });
    assert.equal([ran.answer, ran.asked], [{ well: true }, 4]);
  });

  test('given up after max_retries, with how often and how long', async () => {
    const ran = await ask({ faults: Array<Fault>(9).fill(503), policy: { maxRetries: 2 } });
    assert.ok(ran.error instanceof RepeatedFailure);
    assert.is(ran.asked, 3);
    assert.is(words(ran), 'Cannot ask: Elasticsearch answered 503 odd: now (tried 3 times in 1.5 s)');
  });

  test('one that takes too long ends, however it takes long, and is sent again unless told otherwise', async () => {
    const ran = await ask({ faults: ['silence'], timeoutMs: 50 });
    assert.equal([ran.answer, ran.asked], [{ well: true }, 2]);
    const once = await ask({ faults: ['silence'], timeoutMs: 50, policy: { retryOnTimeout: false } });
    assert.ok(once.error instanceof errors.TimeoutError);
    assert.is(once.asked, 1);
  });

  test('an answer that comes drop by drop ends as well', async () => {
    const drops: NodeJS.Timeout[] = [];
    const server = await loopbackElasticsearch((_exchange, response) => {
      response.write('{');
      drops.push(setInterval(() => response.write(' '), 5));
    });
    const client = elasticsearchClient({ host: server.host, version: 'test', requestTimeoutMs: 100 });
    try {
      const error: unknown = await client.transport.request({ method: 'GET', path: '/' }).catch((e: unknown) => e);
      assert.ok(error instanceof errors.TimeoutError, String(error));
    } finally {
      for (const drop of drops) clearInterval(drop);
      await client.close();
      await server.close();
    }
  });

  test('Retry-After is waited for, in seconds or as a date, but not beyond the patience', async () => {
    const seconds = await ask({ faults: [{ status: 429, retryAfter: '7' }] });
    assert.equal([seconds.asked, seconds.ms], [2, 7_000]);
    const long = await ask({ faults: [{ status: 503, retryAfter: '3600' }], policy: { maxElapsedMs: 60_000 } });
    assert.is(long.asked, 1);
    assert.match(words(long), /asks to wait 3600 s, expected to be done within 60 s\)$/);
  });

  test('until it has answered for the first time, Elasticsearch is waited for as long as that is configured', async () => {
    const start = { maxWaitMs: 20_000, pauseMs: 1_000, factor: 2 };
    const ran = await ask({ faults: Array<Fault>(4).fill('cut'), policy: { maxRetries: 0, start } });
    assert.equal([ran.answer, ran.asked, ran.ms], [{ well: true }, 5, 15_000]);
    // The last try is made when the time is over.
    const late = await ask({ faults: Array<Fault>(9).fill('cut'), policy: { maxRetries: 0, start } });
    assert.equal([late.asked, late.ms], [6, 20_000]);
    assert.match(words(late), /\(tried 6 times in 20 s; elasticsearch\.max_wait_duration is 20 s\)$/);
  });

  test('where the start is not waited for long, the retries are made all the same', async () => {
    const start = { maxWaitMs: 100, pauseMs: 1_000, factor: 2 };
    const ran = await ask({ faults: [503, 503, 503], policy: { start } });
    assert.equal([ran.answer, ran.asked], [{ well: true }, 4]);
  });

  test('an answer that is no good one either is an answer: the start is over', async () => {
    const server = await loopbackElasticsearch((exchange, response) =>
      fail(response, exchange.url === '/a' ? 404 : 503),
    );
    const client = elasticsearchClient({
      host: server.host,
      version: 'test',
      requests: {
        maxRetries: 1,
        baseMs: 1,
        maxElapsedMs: 1_000,
        retryOnTimeout: true,
        start: { maxWaitMs: 60_000, pauseMs: 1_000, factor: 2 },
        random: () => 0.5,
        clock: new HastyClock(),
      },
    });
    try {
      await client.transport.request({ method: 'GET', path: '/a' }).catch(() => {});
      const error: unknown = await client.transport.request({ method: 'GET', path: '/b' }).catch((e: unknown) => e);
      assert.match(String(error), /^RepeatedFailure: tried 2 times/);
    } finally {
      await client.close();
      await server.close();
    }
  });

  test('what may make something twice is repeated only where Elasticsearch has refused it', async () => {
    const make: readonly (readonly [string, string])[] = [
      ['POST', '/_connector'],
      ['POST', '/_security/api_key'],
      ['PUT', '/jobs/_create/1'],
    ];
    for (const [method, path] of make) {
      assert.is((await ask({ faults: ['cut'], method, path })).asked, 1, path);
      assert.is((await ask({ faults: [504], method, path })).asked, 1, path);
      assert.is((await ask({ faults: [429, 503], method, path })).asked, 3, path);
    }
    const same: readonly (readonly [string, string])[] = [
      ['POST', '/box/_refresh'],
      ['POST', '/_search'],
      ['POST', '/box/_pit'],
      ['POST', '/jobs/_update/1'],
      ['POST', '/_security/user/_has_privileges'],
      ['PUT', '/box'],
      ['DELETE', '/_pit'],
    ];
    for (const [method, path] of same) assert.is((await ask({ faults: ['cut'], method, path })).asked, 2, path);
  });

  test('maxRetries: 0 is sent once, whatever the policy says', async () => {
    const ran = await ask({ faults: [503], maxRetries: 0 });
    assert.is(ran.asked, 1);
    assert.ok(ran.error instanceof errors.ResponseError);
  });

  test('an abort ends a wait', async () => {
    const controller = new AbortController();
    const ran = await ask({
      faults: [503],
      signal: controller.signal,
      policy: { onWait: () => controller.abort() },
    });
    assert.ok(ran.error instanceof AbortedError);
    assert.is(ran.asked, 1);
  });

  test('an abort ends a request', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const ran = await ask({ faults: ['silence'], signal: controller.signal });
    assert.is(elasticsearchError(ran.error, 'ask', 'box').name, 'AbortedError');
    assert.is(ran.asked, 1);
  });
});
