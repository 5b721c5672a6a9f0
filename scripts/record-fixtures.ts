import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { boxApi } from '../src/box/box-api.js';
import { boxClient } from '../src/box/box-client.js';
import { nodeFetchClient } from '../src/box/node-fetch-client.js';
import type { SignIn } from '../src/box/sign-in.js';
import { withRecording } from '../src/box/with-recording.js';
import { systemClock } from '../src/core/clock.js';
import type { BoxModel } from '../src/simulator/box-model.js';
import type { SettingsPatch } from '../src/simulator/settings.js';
import { startSimulator, type Simulator } from '../src/simulator/simulator.js';
import { enterpriseWalk } from '../src/sources/enterprise-walk.js';
import { folderWalk } from '../src/sources/folder-walk.js';
import { collectDocuments } from '../test/support/collect-documents.js';
import { MemoryTokenStore } from '../test/support/memory-token-store.js';

// node --import tsx scripts/record-fixtures.ts [scenario ...]
// Records the scenarios of test/fixtures anew from the simulator: the exchanges, and in expected.ndjson the documents
// that the pipeline made of them while they were recorded. To be run when what the connector asks Box for has changed.

const fixtures = fileURLToPath(new URL('../test/fixtures', import.meta.url));
/** Fixed, since it is part of the recorded messages. */
const port = 38_321;
const now = Date.parse('2026-03-01T12:00:00Z');
const dates = { createdAt: '2024-05-06T08:00:00-07:00', modifiedAt: '2025-01-02T03:04:05-08:00' };

interface Scenario {
  readonly account: 'free' | 'enterprise';
  readonly settings?: SettingsPatch;
  readonly build: (box: BoxModel) => void;
  /** Makes answers fail. */
  readonly spoil?: (simulator: Simulator) => void;
  /** Items that the walk cannot find, by name. */
  readonly hidden?: readonly string[];
}

const scenarios: Readonly<Record<string, Scenario>> = {
  'one-account': {
    account: 'free',
    settings: { paging: { shortPages: 3 } },
    build: (box) => {
      const owner = box.createUser({ id: '20300000001', name: 'Ann Ferry', login: 'ann@example.com' }).id;
      const common = { owner, ...dates };
      const reports = box.createFolder({ ...common, name: 'Reports' });
      const year = box.createFolder({ ...common, folder: reports.id, name: '2025 \u{1f6a2}' });
      box.createFolder({ ...common, name: 'Empty' });
      box.createFile({ ...common, folder: year.id, name: 'tides.txt', content: 'High water at noon.\n' });
      box.createFile({
        ...common,
        folder: year.id,
        name: 'caf\u00e9.md',
        content: '# Caf\u00e9\n\n\u201cTwo, please.\u201d\n',
      });
      for (const number of [1, 2, 3, 4]) {
        const name = `log-${number}.csv`;
        box.createFile({ ...common, folder: reports.id, name, content: `day,boats\n${number},${number * 7}\n` });
      }
      box.createFile({
        ...common,
        name: 'scan.pdf',
        content: Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 0xff, 0xfe, 10]),
      });
      box.createFile({ ...common, name: 'photo.png', content: 'not downloaded' });
      box.createFile({ ...common, name: 'nothing.txt', content: '' });
      const shared = box.createFile({ ...common, name: 'timetable.json', content: '{"first": "06:10"}' });
      box.share(shared, { access: 'open', token: 'timetable' });
      box.createWebLink({ ...common, name: 'Harbour', url: 'https://example.com/harbour?a=b#c' });
    },
  },
  'content-not-ready': {
    account: 'free',
    build: (box) => {
      const owner = box.createUser({ id: '20300000001', name: 'Ann Ferry', login: 'ann@example.com' }).id;
      const slow = box.createFile({ owner, ...dates, name: 'slow.txt', content: 'It took a while.\n' });
      box.createFile({ owner, ...dates, name: 'quick.txt', content: 'It was there at once.\n' });
      box.setNotReady(slow.id, 2);
    },
  },
  'rate-limited': {
    account: 'enterprise',
    build: (box) => {
      const owner = box.createUser({ id: '20300000001', name: 'Ann Ferry', login: 'ann@example.com' }).id;
      const folder = box.createFolder({ owner, ...dates, name: 'Busy' });
      for (const name of ['one.txt', 'two.txt']) {
        box.createFile({ owner, ...dates, folder: folder.id, name, content: `This is ${name}\n` });
      }
    },
    spoil: ({ faults, box }) => {
      const limited = { kind: 'answer', status: 429, headers: { 'Retry-After': '1' } } as const;
      faults.add({ match: { route: 'users', times: 1 }, answer: limited });
      faults.add({ match: { route: 'folders', id: folderNamed(box, 'Busy'), times: 2 }, answer: limited });
      faults.add({ match: { route: 'content', nth: 1, times: 1 }, answer: { kind: 'answer', status: 503 } });
      // The token has expired.
      faults.add({ match: { route: 'folders', id: '0', times: 1 }, answer: { kind: 'answer', status: 401 } });
    },
  },
  'broken-answers': {
    account: 'free',
    build: (box) => {
      const owner = box.createUser({ id: '20300000001', name: 'Ann Ferry', login: 'ann@example.com' }).id;
      const folder = box.createFolder({ owner, ...dates, name: 'Broken' });
      const locked = box.createFolder({ owner, ...dates, name: 'Locked' });
      const files = ['cut.txt', 'expired.txt', 'forbidden.txt'].map((name) =>
        box.createFile({ owner, ...dates, folder: folder.id, name, content: `${name} `.repeat(20) }),
      );
      box.createFile({ owner, ...dates, folder: locked.id, name: 'unseen.txt', content: 'Nobody gets here.\n' });
      box.forbidDownload(files[2]?.id ?? '', 'forbidden_by_policy');
    },
    spoil: ({ faults, box }) => {
      const broken = folderNamed(box, 'Broken');
      faults.add({ match: { route: 'folders', id: broken, times: 1 }, answer: { kind: 'broken-json' } });
      faults.add({ match: { route: 'folders', id: broken, times: 1 }, answer: { kind: 'html' } });
      faults.add({ match: { route: 'folders', id: broken, times: 1 }, answer: { kind: 'cut' } });
      faults.add({ match: { route: 'folders', id: broken, times: 1 }, answer: { kind: 'reset' } });
      const refused = JSON.stringify({ type: 'error', status: 403, code: 'access_denied_insufficient_permissions' });
      const locked = { route: 'folders', id: folderNamed(box, 'Locked') } as const;
      faults.add({ match: locked, answer: { kind: 'answer', status: 403, body: refused } });
      // One at a time: the first download is that of cut.txt, the second that of expired.txt.
      faults.add({ match: { route: 'download', nth: 1, times: 1 }, answer: { kind: 'cut' } });
      faults.add({ match: { route: 'download', nth: 1, times: 1 }, answer: { kind: 'answer', status: 404 } });
    },
    hidden: ['unseen.txt'],
  },
  'enterprise-shared-folder': {
    account: 'enterprise',
    build: (box) => {
      const ann = box.createUser({ id: '20300000001', name: 'Ann Ferry', login: 'ann@example.com', role: 'admin' }).id;
      const bob = box.createUser({ id: '20300000002', name: 'Bob Quay', login: 'bob@example.com' }).id;
      const carl = box.createUser({ id: '20300000003', name: 'Carl Lock', login: 'carl@example.com' }).id;
      const projects = box.createFolder({ ...dates, owner: ann, name: 'Projects' });
      const inside = box.createFolder({ ...dates, folder: projects.id, name: 'Lighthouse' });
      box.createFile({ ...dates, folder: inside.id, name: 'plan.txt', content: 'A lamp on top.\n' });
      box.collaborate(projects, { userId: bob, role: 'editor' });
      box.createFile({ ...dates, owner: bob, name: 'own.md', content: 'Only mine.\n' });
      const left = box.createFolder({ ...dates, owner: carl, name: 'Left behind' });
      box.createFile({ ...dates, folder: left.id, name: 'keys.txt', content: 'Under the mat.\n' });
      box.collaborate(left, { userId: bob, role: 'viewer' });
      box.deactivateUser(carl);
      box.createFile({ ...dates, owner: box.serviceAccountId, name: 'service.txt', content: 'Of the app itself.\n' });
    },
  },
};

async function record(name: string, scenario: Scenario): Promise<void> {
  const folder = join(fixtures, name);
  const isEnterprise = scenario.account === 'enterprise';
  rmSync(folder, { recursive: true, force: true });
  const simulator = await startSimulator({
    tree: { shape: { users: 0 }, build: scenario.build },
    port,
    account: scenario.account,
    now: () => now,
    ...(scenario.settings === undefined ? {} : { settings: scenario.settings }),
  });
  const network = nodeFetchClient({ clock: systemClock });
  try {
    scenario.spoil?.(simulator);
    const walk = isEnterprise ? 'enterprise' : 'account';
    const recording = withRecording(network.http, { folder, baseUrl: simulator.url, walk });
    const client = boxClient(
      { transport: recording.http, store: new MemoryTokenStore(), clock: systemClock, random: Math.random },
      { baseUrl: simulator.url, signIn: signIn(simulator, isEnterprise), callsPerMinute: 0, retry: { baseMs: 20 } },
    );
    const box = boxApi(client.http);
    const shape = { concurrency: 1, prunes: () => null };
    const { documents, report } = await collectDocuments({
      box,
      downloads: 1,
      source: (run) =>
        isEnterprise
          ? enterpriseWalk({ box, run }, { ...shape, includes: () => true, ownRoot: true })
          : folderWalk({ box, run }, shape),
    });
    await recording.close();
    const idle = simulator.faults.list().filter(({ applied }) => applied === 0);
    if (idle.length > 0) throw new Error(`Cannot record ${name}: nothing met the fault ${JSON.stringify(idle[0])}`);
    compareWithTruth(name, documents, simulator.box, scenario.hidden ?? []);
    writeFileSync(join(folder, 'expected.ndjson'), documents.map((line) => `${line}\n`).join(''));
    const { listed, written, withoutContent, unread } = report;
    console.log(name, readdirSync(folder).length, 'files', { listed, written, withoutContent, unread: unread.length });
  } finally {
    network.close();
    await simulator.close();
  }
}

function signIn({ credentials }: Simulator, isEnterprise: boolean): SignIn {
  const { clientId, clientSecret, enterpriseId, refreshToken } = credentials;
  return isEnterprise
    ? { kind: 'client-credentials', clientId, clientSecret, subject: { type: 'enterprise', id: enterpriseId } }
    : { kind: 'refresh-token', clientId, clientSecret, refreshToken };
}

/** What the connector makes of its own mistakes must not become what is expected. */
function compareWithTruth(name: string, documents: readonly string[], box: BoxModel, hidden: readonly string[]): void {
  const found = documents.map((line) => {
    const { id, type, path, body } = JSON.parse(line) as Record<string, unknown>;
    return { key: JSON.stringify([id, type, path]), body };
  });
  const truth = [...box.truth()].filter((item) => !hidden.includes(item.name));
  for (const item of truth) {
    const document = found.find(({ key }) => key === JSON.stringify([item.id, item.type, item.path]));
    const text = item.content().toString();
    const isWrong = typeof document?.body === 'string' && !text.includes('\u0000') && document.body !== text;
    if (document === undefined || isWrong) throw new Error(`Cannot record ${name}: "${item.path}" is not as in Box`);
  }
  if (found.length !== truth.length)
    throw new Error(`Cannot record ${name}: there are documents that Box does not have`);
}

function folderNamed(box: BoxModel, name: string): string {
  const item = box.find(`/${name}`);
  if (item === undefined) throw new Error(`There is no folder "${name}"`);
  return item.id;
}

const wanted = process.argv.slice(2);
for (const [name, scenario] of Object.entries(scenarios)) {
  if (wanted.length === 0 || wanted.includes(name)) await record(name, scenario);
}
