import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import * as assert from 'uvu/assert';
import { CallCounts } from '../../src/box/call-counts.js';
import { ConfigError, PermanentError } from '../../src/core/errors.js';
import { metricTable } from '../../src/endpoint/metric-table.js';
import { type Endpoint, startEndpoint } from '../../src/endpoint/start-endpoint.js';
import { rejectionOf } from '../support/fake-http.js';
import { type Sample, parsePrometheusText } from '../support/parse-prometheus-text.js';
import { suite } from '../support/suite.js';

const loopback = { host: '127.0.0.1', port: 0 };

async function withEndpoint(test: (endpoint: Endpoint, stop: AbortController) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const endpoint = await startEndpoint({ version: '1.2.3', stop: stop.signal }, loopback);
  try {
    await test(endpoint, stop);
  } finally {
    await endpoint.close();
  }
}

async function get({ url }: Endpoint, path: string, method = 'GET') {
  const answer = await fetch(`${url}${path}`, { method });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

async function metrics(endpoint: Endpoint): Promise<readonly Sample[]> {
  return parsePrometheusText((await get(endpoint, '/metrics')).body);
}

/** A connection on which `bytes` were sent, and what came back when the other side closed it. */
async function raw({ url }: Endpoint, bytes: string): Promise<{ socket: Socket; ended: Promise<string> }> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  await once(socket, 'connect');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = new Promise<string>((resolve) => {
    socket.on('error', () => {}).once('close', () => resolve(text));
  });
  socket.write(bytes);
  return { socket, ended };
}

suite('startEndpoint()', (test) => {
  test('lives at once, is ready when it is told so, and not any more as soon as it is to stop', () =>
    withEndpoint(async (endpoint, stop) => {
      const state = async () => {
        const [live, ready] = [await get(endpoint, '/health/live'), await get(endpoint, '/health/ready')];
        const figure = (await metrics(endpoint)).find(({ name }) => name === 'box_connector_ready')?.value;
        return [live.status, JSON.parse(live.body), ready.status, JSON.parse(ready.body), figure] as unknown[];
      };
      const live = { status: 'live' };
      assert.equal(await state(), [200, live, 503, { status: 'starting' }, 0]);
      endpoint.ready();
      assert.equal(await state(), [200, live, 200, { status: 'ready' }, 1]);
      stop.abort();
      assert.equal(await state(), [200, live, 503, { status: 'stopping' }, 0]);
      endpoint.ready();
      assert.equal(await state(), [200, live, 503, { status: 'stopping' }, 0], 'once stopping, always stopping');
    }));

  test('answers GET and HEAD of its three paths, and nothing else', () =>
    withEndpoint(async (endpoint) => {
      for (const path of ['/', '/metrics/', '/health', '/health/live/x', '/../etc/passwd', '/favicon.ico']) {
        assert.is((await get(endpoint, path)).status, 404, path);
      }
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
        const { status, headers } = await get(endpoint, '/health/live', method);
        assert.equal([status, headers.get('allow')], [405, 'GET, HEAD'], method);
      }
      const head = await get(endpoint, '/metrics?x=1', 'HEAD');
      assert.equal([head.status, head.body], [200, '']);
      assert.match(String(head.headers.get('content-type')), /^text\/plain; version=0\.0\.4/);
      assert.ok(Number(head.headers.get('content-length')) > 1_000);
      assert.is(head.headers.get('connection'), 'close');
    }));

  test('has the metrics of the process and the delay of its event loop', () =>
    withEndpoint(async (endpoint) => {
      const samples = await metrics(endpoint);
      for (const name of [
        'process_resident_memory_bytes',
        'process_cpu_seconds_total',
        'nodejs_eventloop_lag_p99_seconds',
        'nodejs_heap_size_used_bytes',
      ]) {
        assert.ok(
          samples.some((sample) => sample.name === name && sample.value >= 0),
          name,
        );
      }
      assert.equal(samples.find(({ name }) => name === 'box_connector_info')?.labels, { version: '1.2.3' });
    }));

  test('keeps its lines and labels whole, whatever a connector is called', () =>
    withEndpoint(async (endpoint) => {
      const hostile = 'x",outcome="y"} 1\nbox_connector_syncs_total{connector="forged"} 99\r\n# \u001b[2J\\"\u2028é';
      const { figures } = endpoint;
      figures.of('plain').ended('failed', 1_000);
      figures.of(hostile).ended('completed', 1_000);
      const counts = new CallCounts();
      const uncount = figures.of(hostile).calls(counts);
      counts.ended({ method: 'GET', url: '/2.0/folders/1"}\n/items', route: 'folders' }, 200);
      counts.ended({ method: 'GET', url: `/2.0/files/${hostile}`, route: 'proofs' }, 'no-answer');
      uncount();
      const { body } = await get(endpoint, '/metrics');
      const samples = parsePrometheusText(body);
      const connectors = new Set(samples.flatMap(({ labels }) => labels['connector'] ?? []));
      assert.is(connectors.size, 2, [...connectors].join(' | '));
      assert.not.match(body, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028]/, 'no control character but line ends');
      const syncs = samples.filter(({ name, value }) => name === 'box_connector_syncs_total' && value > 0);
      assert.equal(
        syncs.map(({ labels, value }) => [labels['connector'] === 'plain', labels['outcome'], value]),
        [
          [true, 'failed', 1],
          [false, 'completed', 1],
        ],
      );
      const routes = samples.flatMap(({ labels }) => labels['route'] ?? []);
      assert.equal(routes.sort(), ['/files/:id', '/folders/:id/items']);
      for (const { name, labels } of samples.filter(({ name }) => name in metricTable)) {
        const known: Readonly<Record<string, { readonly labels: readonly string[] }>> = metricTable;
        assert.equal(Object.keys(labels), ['connector', ...(known[name]?.labels ?? [])], name);
      }
    }));

  test('never goes back: the same counter is read again and again, by several at once', () =>
    withEndpoint(async (endpoint) => {
      endpoint.figures.of('a').ended('completed', 1);
      const read = async () =>
        (await metrics(endpoint)).find(
          ({ name, labels }) => name === 'box_connector_syncs_total' && labels['outcome'] === 'completed',
        )?.value;
      assert.equal(await Promise.all([read(), read(), read()]), [1, 1, 1]);
      endpoint.figures.of('a').ended('completed', 2);
      assert.is(await read(), 2);
    }));

  test('refuses headers that are too large, and what is not HTTP', () =>
    withEndpoint(async (endpoint) => {
      const large = await raw(endpoint, `GET /metrics HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
      assert.match(await large.ended, /^HTTP\/1\.1 431 /);
      const broken = await raw(endpoint, 'hello\r\n\r\n');
      assert.match(await broken.ended, /^HTTP\/1\.1 400 /);
      assert.is((await get(endpoint, '/health/live')).status, 200);
    }));

  test('is closed at once, though clients hold on to it', async () => {
    const stop = new AbortController();
    const endpoint = await startEndpoint({ version: '1', stop: stop.signal }, loopback);
    const request = 'GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\n';
    const clients = await Promise.all([
      raw(endpoint, ''),
      raw(endpoint, request),
      raw(endpoint, `${request}content-length: 1000\r\n\r\nx`),
    ]);
    // One that never reads what it has asked for.
    const deaf = await raw(endpoint, '');
    deaf.socket.pause();
    deaf.socket.write(`${request}\r\n`);
    const from = Date.now();
    await endpoint.close();
    assert.ok(Date.now() - from < 1_000);
    await Promise.all(clients.map(({ ended }) => ended));
    deaf.socket.destroy();
  });

  test('says what to do where it cannot listen', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const start = (options: typeof loopback) =>
      startEndpoint({ version: '1', stop: new AbortController().signal }, options);
    try {
      const taken = await rejectionOf(PermanentError, start({ host: '127.0.0.1', port }));
      assert.match(taken.message, `port ${port} of "127.0.0.1": something else listens there`);
      assert.match(taken.message, 'service.http.port');
      const nowhere = await rejectionOf(ConfigError, start({ host: '203.0.113.7', port: 0 }));
      assert.match(nowhere.message, 'service.http.host');
      await rejectionOf(ConfigError, start({ host: 'no such host', port: 0 }));
    } finally {
      other.close();
    }
  });
});
