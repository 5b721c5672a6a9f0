import * as assert from 'uvu/assert';
import { healthCommand } from '../../src/app/health-command.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';

async function ask(http: object): Promise<{ readonly code: number; readonly said: readonly string[] }> {
  const said: string[] = [];
  const loaded = loadTestConfig({ service: { http } });
  const code = await healthCommand(loaded, {
    say: (line) => void said.push(line),
    stop: new AbortController().signal,
  });
  return { code, said };
}

async function problemOf(http: object): Promise<string> {
  try {
    await ask(http);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
}

suite('healthCommand()', (test) => {
  test('without an endpoint there is nothing to ask', async () => {
    assert.equal(await ask({ host: '0.0.0.0' }), {
      code: 0,
      said: ['Nothing to ask: there is no service.http.port'],
    });
  });

  for (const host of ['127.0.0.1', '0.0.0.0', 'localhost']) {
    test(`asks a service that listens on ${host} whether it is alive`, async () => {
      const asked: string[] = [];
      const server = await serve((request, response) => {
        asked.push(request.url ?? '');
        response.end('{}');
      });
      try {
        assert.equal(await ask({ host, port: Number(new URL(server.url).port) }), { code: 0, said: ['Alive'] });
        assert.equal(asked, ['/health/live']);
      } finally {
        await server.close();
      }
    });
  }

  test('says what a service answers that is not alive', async () => {
    const server = await serve((_, response) => {
      response.statusCode = 503;
      response.end();
    });
    try {
      const port = Number(new URL(server.url).port);
      assert.is(
        await problemOf({ port }),
        `Cannot call the service at "http://127.0.0.1:${port}/health/live" alive: it answered 503, expected 200`,
      );
    } finally {
      await server.close();
    }
  });

  test('says that nothing answers', async () => {
    const server = await serve(() => {});
    const port = Number(new URL(server.url).port);
    await server.close();
    assert.match(
      await problemOf({ host: '::', port }),
      new RegExp(
        String.raw`^Cannot ask the service at "http://\[::1\]:${port}/health/live": .*(ECONNREFUSED|EADDRNOTAVAIL)`,
      ),
    );
  });
});
