import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { newConnector } from '../../src/service/new-connector.js';
import type { Connector, Ended } from '../support/connector.js';
import { leastPrivileges } from '../support/elasticsearch-key.js';
import { needing, realElasticsearch } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { kibana9Connector } from './kibana-documents.js';
import { ServiceScene, until } from './service-scene.js';

/** Of the service, so that nothing waits. */
const quick = {
  service: { idling: 0.2, drain_timeout: 5 },
  retry: { base_delay: 0.02, max_attempts: 2 },
  extraction: { method: 'none' },
};

/** The file of somebody who sets up a connector: where Elasticsearch is, and how to sign in to Box. */
function setUp(scene: ServiceScene, index: string): Connector {
  const { clientId, clientSecret, enterpriseId } = scene.sim.credentials;
  const host = scene.host();
  host.configure({
    elasticsearch: { host: realElasticsearch().url },
    index,
    pipeline: { name: '_none' },
    box: {
      is_enterprise: 'box_enterprise',
      client_id: clientId,
      client_secret: clientSecret,
      enterprise_id: enterpriseId,
    },
  });
  return host;
}

/** Runs a `connector` command as the user who may make keys. */
function asUser(host: Connector, args: readonly string[]): Promise<Ended> {
  const { username, password } = realElasticsearch();
  return host.run(['connector', ...args], { ELASTICSEARCH_USERNAME: username, ELASTICSEARCH_PASSWORD: password });
}

/** Makes of it the file of the service: the printed lines, as they are, and what makes the tests quick. */
function paste(host: Connector, lines: string, more: object = {}): void {
  const rest = { state: { path: join(host.folder, 'data') }, box: { calls_per_minute: 0 }, ...quick, ...more };
  writeFileSync(host.configPath, `${lines}\n${stringify(rest)}`);
}

interface Role {
  readonly cluster: readonly string[];
  readonly indices: readonly unknown[];
}

/** What a key may do, as Elasticsearch says. */
async function rolesOf(client: Client, id: string): Promise<Readonly<Record<string, Role>>> {
  await client.indices.refresh({ index: '.security*' }, { ignore: [403, 404] });
  const { api_keys: keys } = await client.security.getApiKey({ id });
  return keys[0]?.role_descriptors as unknown as Readonly<Record<string, Role>>;
}

async function revoke(client: Client, connectorId: string): Promise<void> {
  await until(
    'key to revoke',
    () => client.security.invalidateApiKey({ name: `box-connector-${connectorId}` }),
    ({ invalidated_api_keys: invalidated }) => invalidated.length > 0,
  );
}

const codeAndErr = ({ code, stderr }: Ended) => `${String(code)} ${stderr.slice(-1_500)}`;

suite(
  'the connector commands',
  (test) => {
    const it = needing(test, 'elasticsearch');

    it('take a connector from nothing to an index that equals Box, on the lines that they print', () =>
      ServiceScene.in({ tree: 'demo' }, async (scene) => {
        const id = `${scene.name} "#\u001b[2J: é`;
        const index = `${scene.name}-created`;
        scene.adopt(id, index);
        const host = setUp(scene, index);
        try {
          const name = 'Box\n- "of" \u001b[31m # everybody';
          const created = await asUser(host, ['create', '--id', id, '--name', name, '--from-config']);
          assert.is(created.code, 0, created.stderr);
          assert.not.match(created.stdout, /\u001b/);
          const document = await scene.connector(id);
          assert.equal(Object.keys(document).sort(), Object.keys(kibana9Connector(index)).sort());
          assert.equal([document['status'], document['name'], document['index_name']], ['configured', name, index]);
          const { api_key: key = '' } =
            (parse(created.stdout) as { connectors: { api_key?: string }[] }).connectors[0] ?? {};
          assert.ok(key.length > 20);
          assert.not.match(created.stderr, new RegExp(key), 'the key is not in the log');
          assert.not.match(created.stderr + created.stdout, new RegExp(scene.sim.credentials.clientSecret));

          // What the documentation says, and nothing else.
          const role = (pattern: string) => ({
            cluster: leastPrivileges.cluster,
            indices: [{ names: [pattern], privileges: leastPrivileges.index, allow_restricted_indices: false }],
          });
          const roles = await rolesOf(scene.client, String(document['api_key_id']));
          const seen = Object.values(roles).map(({ cluster, indices }) => ({ cluster, indices }));
          assert.equal(sorted(seen), sorted([role(index), role('.elastic-connectors*')]));
          const other = `${scene.name}-other`;
          scene.adopt('nobody', other);
          await scene.client.index({ index: other, document: { secret: true } });
          const headers = { authorization: `ApiKey ${key}` };
          const { status } = await fetch(`${realElasticsearch().url}/${other}/_search`, { headers });
          assert.is(status, 403, 'another index');

          paste(host, created.stdout);
          const service = scene.serve(host);
          const synced = await host.run(['connector', 'sync', id, '--follow']);
          assert.is(synced.code, 0, codeAndErr(synced));
          await scene.assertEqual(index);
          const { count } = await scene.client.count({ index });
          assert.match(synced.stdout, new RegExp(`is completed: ${count} indexed, 0 deleted, ${count} in the index`));

          const listed = await host.run(['connector', 'list', '--json']);
          const lines = listed.stdout.trim().split('\n');
          const line = lines.map((one) => JSON.parse(one) as Record<string, unknown>).find((one) => one['id'] === id);
          assert.equal(
            [line?.['name'], line?.['status'], line?.['last_sync_status'], line?.['error']],
            [name, 'connected', 'completed', null],
          );
          const shown = await host.run(['connector', 'show', id]);
          assert.is(shown.code, 0, codeAndErr(shown));
          assert.match(shown.stdout, /Form +complete/);
          assert.match(shown.stdout, /completed +full +on_demand/);
          assert.not.match(shown.stdout, /\u001b/);
          assert.not.match(shown.stdout, new RegExp(scene.sim.credentials.clientSecret));

          const file = join(host.folder, 'rules.yml');
          writeFileSync(file, '- { policy: exclude, field: type, rule: equals, value: folder }\n');
          const ruled = await host.run(['connector', 'rules', id, '--set', file]);
          assert.is(ruled.code, 0, codeAndErr(ruled));
          assert.match(ruled.stdout, /^ {2}0 +rule-1 +exclude +type +equals +folder$/m);
          writeFileSync(file, '[{ policy: sometimes, field: type, rule: equals, value: folder }]');
          const refused = await host.run(['connector', 'rules', id, '--set', file]);
          assert.is(refused.code, 2);
          assert.match(refused.stderr, /Cannot use a rule: .*policy.*expected "include" or "exclude"/);
          const again = await host.run(['connector', 'sync', id, '--follow', '--json', '--allow-deletes']);
          assert.is(again.code, 0, codeAndErr(again));
          const folders = await scene.client.count({ index, query: { term: { type: 'folder' } } });
          assert.is(folders.count, 0, 'the rule holds');
          await scene.stop(service);
        } finally {
          await revoke(scene.client, id);
        }
      }));

    it('delete a great share for one job only, and say that they have not before', () =>
      ServiceScene.in({ tree: { users: 1, foldersPerUser: 3, filesPerFolder: 60 } }, async (scene) => {
        const id = await scene.createConnector();
        await scene.fillIn(id);
        const host = scene.host();
        const service = scene.serve(host);
        const run = (...args: readonly string[]) => host.run(['connector', 'sync', id, '--follow', ...args]);
        await scene.connectorIs(id, 'connected');
        assert.is((await run('--incremental')).code, 0);
        const folders = [...scene.sim.box.truth()].filter(({ type }) => type === 'folder');
        // What Box has in the trash goes without being asked; what it only no longer knows counts.
        for (const { id: folder } of folders.slice(0, 2)) scene.sim.box.purge({ type: 'folder', id: folder });

        const held = await run();
        assert.is(held.code, 3, codeAndErr(held));
        assert.match(held.stdout, /is error: .*: Incomplete: 1\d\d documents .*held back/, held.stdout);
        const shown = await host.run(['connector', 'list']);
        assert.match(shown.stdout, /held back/);
        const allowed = await run('--allow-deletes');
        assert.is(allowed.code, 0, codeAndErr(allowed));
        assert.match(allowed.stdout, / 122 deleted/);
        await scene.assertEqual(id);
        await scene.stop(service);
      }));

    it('cancel what runs, and what waits for a service', () =>
      ServiceScene.in({ tree: { users: 1, foldersPerUser: 40, filesPerFolder: 2 } }, async (scene) => {
        const id = await scene.createConnector();
        const host = scene.host({ box: { calls_per_minute: 0, listing: { concurrency: 1 } } });
        const waiting = await host.run(['connector', 'sync', id]);
        assert.is(waiting.code, 2);
        assert.match(waiting.stderr, /it is created, expected its form to be filled in/);
        await scene.fillIn(id);
        assert.is((await host.run(['connector', 'sync', id])).code, 0);
        const cancelled = await host.run(['connector', 'cancel', id]);
        assert.match(cancelled.stdout, /^Job \S+ is canceled\n$/);

        scene.sim.faults.add({ match: { route: 'folders' }, answer: { kind: 'delay', ms: 150 } });
        const service = scene.serve(host);
        const following = host.start(['connector', 'sync', id, '--follow']);
        await until(
          'listing',
          () => Promise.resolve(scene.sim.calls.of('folders')),
          (calls) => calls >= 3,
        );
        const ended = await host.run(['connector', 'cancel', id]);
        assert.is(ended.code, 0, codeAndErr(ended));
        assert.match(ended.stdout, /^Job \S+ is canceled\n$/);
        const followed = await following.ended;
        assert.is(followed.code, 130, codeAndErr(followed));
        const calls = scene.sim.calls.of('folders');
        const idle = await host.run(['connector', 'cancel', id]);
        assert.is(idle.code, 0);
        assert.match(idle.stderr, /has no job that waits or runs/);
        assert.is(scene.sim.calls.of('folders'), calls, 'no further call');
        await scene.stop(service);
      }));

    it('say what is taken, what cannot be, and go on where a failure was', () =>
      ServiceScene.in({ tree: 'demo' }, async (scene) => {
        const index = `${scene.name}-again`;
        const id = `${scene.name}-again`;
        scene.adopt(id, index);
        const host = setUp(scene, index);
        try {
          const native = await asUser(host, ['create', '--native', '--id', id]);
          assert.is(native.code, 1);
          assert.match(native.stderr, /does not keep connector secrets .*Leave --native out/);
          const broken = await asUser(host, [
            'create',
            '--id',
            '..',
            '--set',
            'client_secret=x',
            '--set',
            'clientid=x',
          ]);
          assert.is(broken.code, 2);
          for (const said of [
            /expected an id of 1 to 512/,
            /"client_secret" on the command line/,
            /mean "client_id"/,
          ]) {
            assert.match(broken.stderr, said);
          }
          assert.not.ok(
            await scene.client.exists({ index: '.elastic-connectors', id }),
            'nothing is made before all is well',
          );

          // A key can make no key.
          const byKey = await host.run(['connector', 'create', '--id', id], {
            ELASTICSEARCH_API_KEY: scene.key.encoded,
          });
          assert.is(byKey.code, 1);
          assert.match(byKey.stderr, /lets no key make another, expected a user/);

          // As after a failure behind the first step.
          const fields = newConnector({
            ...{ name: index, indexName: index, language: null, isNative: false, values: {}, isComplete: false },
            pipeline: { name: '_none', extract_binary_content: true, reduce_whitespace: true, run_ml_inference: true },
            now: new Date(),
          });
          await scene.client.index({ index: '.elastic-connectors', id, document: fields, refresh: true });
          const keyFile = join(host.folder, 'the key');
          const again = await asUser(host, ['create', '--id', id, '--from-config', '--key-file', keyFile]);
          assert.is(again.code, 0, again.stderr);
          assert.match(again.stderr, /is there: it stays as it is/);
          assert.is((await scene.connector(id))['status'], 'configured');
          assert.is(statSync(keyFile).mode & 0o777, 0o600);
          assert.not.match(again.stdout + again.stderr, new RegExp(readFileSync(keyFile, 'utf8').trim()));
          const { connectors } = parse(again.stdout) as { connectors: { api_key_file: string }[] };
          assert.is(connectors[0]?.api_key_file, keyFile);
          paste(host, again.stdout);
          assert.is((await host.run(['connector', 'list'])).code, 0, 'the key file is read');

          const other = await asUser(setUp(scene, index), ['create', '--id', `${id}-b`]);
          assert.is(other.code, 2);
          assert.match(other.stderr, new RegExp(`the index "${index}" belongs to the connector "${id}"`));
          const taken = await asUser(setUp(scene, `${index}-b`), ['create', '--id', id]);
          assert.is(taken.code, 2);
          assert.match(taken.stderr, /there is one of this id, for the index .* expected a free id/);
          const unknown = await host.run(['connector', 'show', id.slice(0, -1)]);
          assert.is(unknown.code, 2);
          assert.match(unknown.stderr, new RegExp(`did you mean "${id}"`));
        } finally {
          await revoke(scene.client, id);
        }
      }));
  },
  { timeoutMs: 60_000 },
);

function sorted(roles: readonly unknown[]): readonly string[] {
  return roles.map((role) => JSON.stringify(role)).sort();
}
