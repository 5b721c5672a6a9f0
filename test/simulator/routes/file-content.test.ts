import * as assert from 'uvu/assert';
import type { Simulator, SimulatorOptions } from '../../../src/simulator/simulator.js';
import { suite } from '../../support/suite.js';
import { clientOf, request, withSimulator, type Client } from '../client.js';

interface Setting {
  readonly simulator: Simulator;
  readonly client: Client;
  readonly id: string;
  readonly content: string;
}

const text = 'abcdefghij';

function withFile(
  run: (setting: Setting) => Promise<void>,
  settings: SimulatorOptions['settings'] = {},
): Promise<void> {
  return withSimulator({ tree: { users: 2 }, settings }, (simulator) => {
    const { id } = simulator.box.createFile({ name: 'a \u00fc.txt', content: text });
    const client = clientOf(simulator, simulator.credentials.userId);
    return run({ simulator, client, id, content: `/2.0/files/${id}/content` });
  });
}

suite('fileContent()', (test) => {
  test('redirects with an empty body to an address that needs no token', () =>
    withFile(async ({ simulator, client, content }) => {
      const { status, text: body, headers } = await client.get(content);
      assert.equal([status, body], [302, '']);
      const location = headers.get('location') ?? '';
      assert.match(location, new RegExp(`^${simulator.url}/d/1/[\\w-]+/download$`));
      const download = await request(simulator, location);
      assert.equal([download.status, download.text, download.headers.get('content-length')], [200, text, '10']);
    }));

  test('records a token that is sent to the download host, and does not mind', () =>
    withFile(async ({ simulator, client, content }) => {
      const location = (await client.get(content)).headers.get('location') ?? '';
      await request(simulator, location);
      assert.is(simulator.calls.exposedDownloads, 0);
      assert.is((await request(simulator, location, { headers: { authorization: 'Bearer x' } })).status, 200);
      assert.is((await request(simulator, location, { headers: { 'as-user': '1' } })).status, 200);
      assert.equal([simulator.calls.exposedDownloads, simulator.calls.of('download')], [2, 3]);
    }));

  test('lets the address expire', () =>
    withFile(async ({ simulator, client, content }) => {
      const location = (await client.get(content)).headers.get('location') ?? '';
      simulator.box.advance(901_000);
      assert.is((await request(simulator, location)).status, 404);
      assert.is((await client.get(content)).status, 302);
    }));

  test('serves ranges', () =>
    withFile(async ({ simulator, client, content }) => {
      const location = (await client.get(content)).headers.get('location') ?? '';
      const cases: readonly (readonly [range: string, status: number, body: string])[] = [
        ['bytes=0-3', 206, 'abcd'],
        ['bytes=8-', 206, 'ij'],
        ['bytes=-3', 206, 'hij'],
        ['bytes=5-100', 206, 'fghij'],
        ['bytes=10-', 416, ''],
      ];
      for (const [range, status, body] of cases) {
        const reply = await request(simulator, location, { headers: { range } });
        assert.equal([reply.status, reply.text], [status, body], range);
      }
    }));

  test('answers 202 as often as the file is not ready', () =>
    withFile(
      async ({ client, content, simulator }) => {
        const first = await client.get(content);
        assert.equal([first.status, first.text, first.headers.get('retry-after')], [202, '', '3']);
        assert.is((await client.get(content)).status, 202);
        assert.is((await client.get(content)).status, 302);
        assert.is(simulator.calls.of('content', 202), 2);
      },
      { content: { notReady: 2, retryAfter: '3' } },
    ));

  test('gives earlier versions', () =>
    withFile(async ({ simulator, client, content, id }) => {
      const { version } = simulator.box.file(id);
      simulator.box.newVersion(id, 'second');
      const contentOf = async (path: string) =>
        (await request(simulator, (await client.get(path)).headers.get('location') ?? '')).text;
      assert.is(await contentOf(content), 'second');
      assert.is(await contentOf(`${content}?version=${version.id}`), text);
      assert.is((await client.get(`${content}?version=1`)).status, 404);
    }));

  test('serves an empty file', () =>
    withFile(async ({ simulator, client }) => {
      const { id } = simulator.box.createFile({ name: 'empty.txt' });
      const location = (await client.get(`/2.0/files/${id}/content`)).headers.get('location') ?? '';
      const reply = await request(simulator, location);
      assert.equal([reply.status, reply.text, reply.headers.get('content-length')], [200, '', '0']);
    }));

  test('refuses those who may only preview, and everybody by policy', () =>
    withFile(async ({ simulator, client, content, id }) => {
      const [, guest = ''] = simulator.box.tree.owners;
      const { id: collaboration } = simulator.box.collaborate(
        { type: 'file', id },
        { userId: guest, role: 'previewer' },
      );
      const asGuest = clientOf(simulator, guest);
      const refusal = await asGuest.get(content);
      assert.equal([refusal.status, refusal.json.code], [403, 'access_denied_insufficient_permissions']);
      simulator.box.changeCollaboration(collaboration, { role: 'viewer' });
      assert.is((await asGuest.get(content)).status, 302);
      simulator.box.forbidDownload(id, 'forbidden_by_policy');
      assert.is((await client.get(content)).json.code, 'forbidden_by_policy');
    }));

  test('knows no content of web links', () =>
    withFile(async ({ simulator, client }) => {
      const { id } = simulator.box.createWebLink({ name: 'link', url: 'https://example.com/' });
      assert.is((await client.get(`/2.0/files/${id}/content`)).status, 404);
    }));
});

interface Representation {
  readonly info: { readonly url: string };
  readonly status: { readonly state: string; readonly code?: string };
  readonly content: { readonly url_template: string };
}

suite('representations', (test) => {
  const entryOf = async (client: Client, id: string, hints = '[pdf][extracted_text]') => {
    const path = `/2.0/files/${id}?fields=representations`;
    const { text: body } = await client.get(path, { 'x-rep-hints': hints });
    return (JSON.parse(body) as { representations: { entries: Representation[] } }).representations.entries[0];
  };

  test('go from none over pending to success, and need the token', () =>
    withFile(
      async ({ simulator, client, id }) => {
        const entry = await entryOf(client, id);
        assert.is(entry?.status.state, 'none');
        assert.ok(entry);
        const poll = async () =>
          (JSON.parse((await client.get(new URL(entry.info.url).pathname)).text) as Representation).status.state;
        assert.equal([await poll(), await poll(), await poll()], ['pending', 'pending', 'success']);
        const url = entry.content.url_template.replace('{+asset_path}', '');
        assert.is((await request(simulator, url)).status, 401);
        assert.is((await client.get(url)).text, text);
      },
      { representations: { initial: 'none', pending: 2 } },
    ));

  test('may end in an error', () =>
    withFile(async ({ simulator, client, id }) => {
      simulator.box.setRepresentation(id, 'error');
      assert.equal((await entryOf(client, id))?.status, { state: 'error', code: 'error_unsupported_format' });
    }));

  test('are missing where nobody asks for them, and for types without text', () =>
    withFile(async ({ simulator, client, id }) => {
      assert.is(await entryOf(client, id, '[pdf]'), undefined);
      const picture = simulator.box.createFile({ name: 'picture.png', content: 'x' });
      assert.is(await entryOf(client, picture.id), undefined);
    }));
});
