import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { boxApi } from '../../src/box/box-api.js';
import { boxClient } from '../../src/box/box-client.js';
import type { RecordedExchange } from '../../src/box/recorded-exchange.js';
import { replayClient } from '../../src/box/replay-client.js';
import { PermanentError } from '../../src/core/errors.js';
import { redact } from '../../src/core/redact.js';
import { replay } from '../../src/sources/replay.js';
import { type Collected, collectDocuments } from '../support/collect-documents.js';
import { rejection } from '../support/fake-http.js';
import { HastyClock } from '../support/hasty-clock.js';
import { MemoryTokenStore } from '../support/memory-token-store.js';
import { suite } from '../support/suite.js';

const fixtures = join(dirname(dirname(fileURLToPath(import.meta.url))), 'fixtures');
const scenarios = readdirSync(fixtures).sort();

/** What a report has to say besides that all documents are as expected. */
const reports: Readonly<Record<string, { readonly withoutContent: number; readonly unread: readonly string[] }>> = {
  'broken-answers': { withoutContent: 2, unread: ['/Locked'] },
  'content-not-ready': { withoutContent: 0, unread: [] },
  'enterprise-shared-folder': { withoutContent: 0, unread: [] },
  'one-account': { withoutContent: 0, unread: [] },
  'rate-limited': { withoutContent: 0, unread: [] },
};

suite('replay()', (test) => {
  const copies: string[] = [];
  test.after(() => copies.forEach((copy) => rmSync(copy, { recursive: true, force: true })));
  /** A copy of a scenario to be spoilt. */
  const copyOf = (scenario: string) => {
    const copy = mkdtempSync(join(tmpdir(), 'box-fixture-'));
    copies.push(copy);
    cpSync(join(fixtures, scenario), copy, { recursive: true });
    return copy;
  };

  test('every fixture is known here', () => {
    assert.equal(scenarios, Object.keys(reports).sort());
  });

  for (const scenario of scenarios) {
    for (const concurrency of [1, 8]) {
      test(`${scenario}: the same documents as when it was recorded, ${concurrency} at once`, async () => {
        const { documents, report, longestWaitMs } = await replayed(join(fixtures, scenario), concurrency);
        const expected = readFileSync(join(fixtures, scenario, 'expected.ndjson'), 'utf8')
          .trimEnd()
          .split('\n');
        assert.equal(documents, expected);
        assert.is(report.withoutContent, reports[scenario]?.withoutContent);
        assert.equal(
          report.unread.map(({ path }) => path),
          reports[scenario]?.unread,
        );
        assert.ok(longestWaitMs <= 1, `waited ${longestWaitMs} ms`);
      });
    }
  }

  const spoilt: readonly (readonly [what: string, scenario: string, file: RegExp, message: RegExp])[] = [
    [
      'a listing',
      'one-account',
      /^\d+-folders-320000000002/,
      /Cannot replay GET "\/2\.0\/folders\/320000000002\/items/,
    ],
    [
      'a download',
      'one-account',
      /^\d+-download-1500000000017/,
      /Cannot replay GET "https:\/\/download\.invalid\/15000/,
    ],
    ['the second page', 'one-account', /^0004-folders-0/, /marker=.*but GET "\/2\.0\/folders\/0\/items/],
    ['the list of users', 'enterprise-shared-folder', /^\d+-users/, /Cannot replay GET "\/2\.0\/users/],
  ];
  for (const [what, scenario, file, message] of spoilt) {
    test(`fails if the recording lacks ${what}, though the walk goes on`, async () => {
      const folder = copyOf(scenario);
      const names = readdirSync(folder).filter((name) => file.test(name));
      assert.is(names.length, 1);
      for (const name of names) rmSync(join(folder, name));
      const error = await rejection(replayed(folder, 2));
      assert.instance(error, PermanentError);
      assert.match(error.message, message);
    });
  }

  test('fails if the recording has more than was asked for', async () => {
    const folder = copyOf('content-not-ready');
    cpSync(join(folder, '0002-folders-0.json'), join(folder, '0099-folders-0.json'));
    const error = await rejection(replayed(folder, 2));
    assert.instance(error, PermanentError);
    assert.match(error.message, /nothing asked for 0099-folders-0\.json/);
  });

  test('walks the folders that are given, as the recorded run did', async () => {
    const folder = copyOf('one-account');
    // What a run of the folder "Reports" alone would not have asked for.
    const elsewhere = /^\d+-(folders-(0|320000000003)|(content|download)-15000000000(17|23))\.json$/;
    for (const name of readdirSync(folder)) if (elsewhere.test(name)) rmSync(join(folder, name));
    const place = { id: '320000000001', name: 'Reports', owned_by: { id: '20300000001' } };
    const path = { total_count: 1, entries: [{ type: 'folder', id: '0', name: 'All Files' }] };
    const exchange: RecordedExchange = {
      request: {
        method: 'GET',
        route: 'items',
        path: '/2.0/folders/320000000001?fields=id%2Cname%2Cowned_by%2Cpath_collection',
      },
      response: { status: 200, headers: {}, body: { json: { ...place, path_collection: path } } },
    };
    writeFileSync(join(folder, '0002-items-320000000001.json'), JSON.stringify(exchange));
    const { documents } = await replayed(folder, 2, ['320000000001']);
    const expected = readFileSync(join(fixtures, 'one-account', 'expected.ndjson'), 'utf8').split('\n');
    assert.is(documents.length, 7);
    assert.equal(
      documents,
      expected.filter((line) => line.includes('"path":"/Reports/')),
    );
  });

  test('walks as the manifest says: an enterprise that is walked as one account lacks the users', async () => {
    const folder = copyOf('enterprise-shared-folder');
    cpSync(join(fixtures, 'one-account', 'manifest.json'), join(folder, 'manifest.json'));
    assert.match((await rejection(replayed(folder, 2))).message, /nothing asked for 0002-users\.json/);
  });
});

suite('fixtures', (test) => {
  const files = scenarios.flatMap((scenario) =>
    readdirSync(join(fixtures, scenario)).map((name) => join(fixtures, scenario, name)),
  );

  test('nothing in them looks like a secret', () => {
    assert.ok(files.length > 50, `only ${files.length} files were found`);
    const found = files.flatMap((file) => secretsIn(readFileSync(file, 'utf8')).map((what) => `${file}: ${what}`));
    assert.equal(found, []);
  });

  for (const [what, text] of [
    ['a header', '{"Authorization": "x"}'],
    ['a token in JSON', '{"access_token": "a"}'],
    ['a bearer', '"Bearer abcdefgh"'],
    ['a random text', '"https://dl.example/d/1/aB3dE5fG7hJ9kL1mN3pQ5rS7/download"'],
    ['a secret of the simulator', '"first-refresh-token"'],
    ['a key', '-----BEGIN ENCRYPTED PRIVATE KEY-----'],
  ] as const) {
    test(`the check sees ${what}`, () => assert.is.not(secretsIn(text).length, 0));
  }
});

async function replayed(
  folder: string,
  concurrency: number,
  folders: readonly string[] = [],
): Promise<Collected & { readonly longestWaitMs: number }> {
  const recording = replayClient(folder);
  const clock = new WaitsSeen();
  const client = boxClient(
    { transport: recording.http, store: new MemoryTokenStore(), clock, random: () => 0 },
    { baseUrl: recording.manifest.baseUrl, signIn: recording.signIn, callsPerMinute: 0 },
  );
  const box = boxApi(client.http);
  const collected = await collectDocuments({
    box,
    downloads: concurrency,
    source: (run) =>
      replay(
        { box, run, recording },
        { concurrency, prunes: () => null, includes: () => true, ownRoot: true, folders },
      ),
  });
  return { ...collected, longestWaitMs: clock.longestMs };
}

/** Notes the longest wait that anybody asked for. */
class WaitsSeen extends HastyClock {
  longestMs = 0;

  override after(ms: number, run: () => void): () => void {
    this.longestMs = Math.max(this.longestMs, ms);
    return super.after(ms, run);
  }
}

const ofTheSimulator = /box-secret|box-client|first-refresh-token|client_secret|authorization|-----BEGIN/gi;
/** Small and capital letters and digits, 20 or more: a token, not an id, a hash or a word. */
const random = /(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{20,}/g;

function secretsIn(text: string): string[] {
  const bare = text
    .replaceAll(/"recorded-(access|refresh)-token"/g, '""')
    // Places in a list; and content, which is data.
    .replaceAll(/("next_marker": "|marker=)[\w-]+/g, '')
    .replaceAll(/"base64": "[^"]*"/g, '')
    // The login of an app's own account, as Box makes them.
    .replaceAll(/AutomationUser_\w+@/g, '')
    .replaceAll(/%2C|%20/g, ',');
  const redacted = bare
    .split('\n')
    .filter((line) => !/"(access|refresh)_token": ""/.test(line) && redact(line) !== line);
  return [...(bare.match(ofTheSimulator) ?? []), ...(bare.match(random) ?? []), ...redacted];
}
