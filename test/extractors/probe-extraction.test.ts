import * as assert from 'uvu/assert';
import { systemClock } from '../../src/core/clock.js';
import { probeExtraction, type ProbeTarget } from '../../src/extractors/probe-extraction.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';

async function probe(
  method: ProbeTarget['method'],
  answers: Readonly<Record<string, readonly [number, string]>>,
): Promise<string | null> {
  const server = await serve((request, response) => {
    const [status, text] = answers[request.url ?? ''] ?? [404, ''];
    response.writeHead(status).end(text);
  });
  try {
    const target = { method, url: `${server.url}/` };
    return await probeExtraction(systemClock, target, new AbortController().signal);
  } finally {
    await server.close();
  }
}

suite('probeExtraction', (test) => {
  test('finds the extraction service by its ping', async () => {
    assert.is(await probe('extraction_service', { '/ping/': [200, ''] }), null);
  });

  test('finds Tika by its version', async () => {
    assert.is(await probe('tika', { '/version': [200, 'Apache Tika 3.3.2'] }), null);
  });

  test('says what another server answered, and which key to look at', async () => {
    const found = (await probe('extraction_service', {})) ?? '';
    assert.match(
      found,
      /^Cannot reach the extraction service at http.*: it answered 404, expected 200; .*extraction_service\.host/,
    );
    assert.match((await probe('tika', { '/version': [200, '<html>'] })) ?? '', /no Tika server; .*tika\.url/);
  });

  test('says when nothing listens', async () => {
    const server = await serve(() => {});
    await server.close();
    const target = { method: 'tika', url: server.url } as const;
    assert.match((await probeExtraction(systemClock, target, new AbortController().signal)) ?? '', /ECONNREFUSED/);
  });

  test('does not wait for ever', async () => {
    const server = await serve(() => {});
    const target = { method: 'tika', url: server.url, timeoutMs: 20 } as const;
    const found = await probeExtraction(systemClock, target, new AbortController().signal);
    assert.match(found ?? '', /no answer within 0.02 s/);
    await server.close();
  });

  test('reads the beginning of an endless answer, and unpacks nothing', async () => {
    let sent = 0;
    let encodings: unknown;
    const server = await serve((request, response) => {
      encodings = request.headers['accept-encoding'];
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.write('Apache Tika 3.3.2');
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000))) sent += 10_000;
      };
      response.on('drain', write);
      write();
    });
    const target = { method: 'tika', url: server.url, timeoutMs: 60_000 } as const;
    assert.is(await probeExtraction(systemClock, target, new AbortController().signal), null);
    assert.is(encodings, 'identity');
    await server.close();
    // What the sockets on both sides hold.
    assert.ok(sent < 20_000_000, `${sent} bytes`);
  });
});
