import * as assert from 'uvu/assert';
import type { CreateRequest } from '../../src/app/connector-request.js';
import { createConnector } from '../../src/service/create-connector.js';
import { elasticsearchClient } from '../../src/sinks/elasticsearch-client.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { serve } from '../support/serve.js';
import { messageOf } from '../../src/core/message-of.js';
import { suite } from '../support/suite.js';
import { toolsRig } from './connector-tools-rig.js';

const request: CreateRequest = {
  ...{ kind: 'create', id: 'c', name: null, language: 'en', fromConfig: false, set: [] },
  ...{ native: false, key: true, keyFile: null, json: true },
};

type Answer = readonly [status: number, body?: object];

const aKey: Answer = [200, { id: 'key-1', encoded: 'geheim-key' }];
const usual: Readonly<Record<string, Answer>> = {
  'HEAD /.elastic-connectors': [200],
  'HEAD /.elastic-connectors-sync-jobs': [200],
  'GET /_security/_authenticate': [200, { authentication_type: 'realm' }],
  'GET /i': [200, { i: { settings: { index: { uuid: 'u' } } } }],
  'PUT /i/_mapping': [200, {}],
  'POST /_security/api_key': aKey,
};

/** Creates a connector at a cluster that gives these answers, and 400 to all else, as for calls that it does not know. */
async function creating(
  answers: Readonly<Record<string, Answer>>,
  changes: Partial<CreateRequest> = {},
  file: object = {},
) {
  const rig = toolsRig();
  const asked: { readonly call: string; readonly body: Record<string, unknown> }[] = [];
  const server = await serve((message, response) => {
    let text = '';
    message.setEncoding('utf8').on('data', (part: string) => (text += part));
    message.on('end', () => {
      const call = `${message.method ?? ''} ${(message.url ?? '').split('?')[0] ?? ''}`;
      asked.push({ call, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> });
      const [status, body = { error: 'no handler found' }] = { ...usual, ...answers }[call] ?? [400];
      response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
      response.end(JSON.stringify(body));
    });
  });
  const client = elasticsearchClient({ host: server.url, version: 'test' });
  const config = loadTestConfig({ index: 'i', ...file }).config;
  try {
    const code = await createConnector({ ...rig.tools, client, config }, { ...request, ...changes }).catch(
      (error: unknown) => messageOf(error),
    );
    const bodyOf = (call: string) => asked.find((one) => one.call === call)?.body;
    return { ...rig, code, calls: asked.map(({ call }) => call), bodyOf, source: rig.protocol.connectorSource('c') };
  } finally {
    await client.close();
    await server.close();
  }
}

const noSecret: Answer = [404, { error: { type: 'resource_not_found_exception', reason: 'No secret' }, status: 404 }];
const probe = 'GET /_connector/_secret/is-there-a-store-for-secrets';

suite('createConnector()', (test) => {
  test('the key opens the connector indices only where the file has none that does', async () => {
    const rolesOf = async (file: object) => {
      const { bodyOf, code } = await creating({}, {}, file);
      assert.is(code, 0);
      const roles = bodyOf('POST /_security/api_key')?.['role_descriptors'] as Record<
        string,
        { indices: [{ names: string[] }] }
      >;
      return Object.values(roles).map(({ indices }) => indices[0].names);
    };
    assert.equal(await rolesOf({}), [['i'], ['.elastic-connectors*']]);
    assert.equal(await rolesOf({ elasticsearch: { api_key: 'other' } }), [['i']]);
  });

  test('a native one keeps its key as a secret of the cluster', async () => {
    const made = await creating(
      { [probe]: noSecret, 'POST /_connector/_secret': [200, { id: 's-1' }] },
      { native: true },
    );
    assert.is(made.code, 0);
    assert.equal(made.bodyOf('POST /_connector/_secret'), { value: 'geheim-key' });
    const { is_native, api_key_id, api_key_secret_id, status, language } = made.source;
    assert.equal(
      [is_native, api_key_id, api_key_secret_id, status, language],
      [true, 'key-1', 's-1', 'needs_configuration', 'en'],
    );
    assert.not.match(made.text(), /geheim/);
    assert.is((JSON.parse(made.said[0] ?? '') as { api_key: string }).api_key, 'geheim-key');
  });

  test('what cannot be is said before anything is created', async () => {
    for (const [answers, changes, said] of [
      [{}, { native: true }, /does not keep connector secrets \(it answers 400/],
      [{ [probe]: [403, {}] }, { native: true }, /write_connector_secrets/],
      [{ 'GET /_security/_authenticate': [200, { authentication_type: 'api_key' }] }, {}, /lets no key make another/],
      [{}, { set: ['client_id=only'] }, /'Client Secret' cannot be empty.*--from-config/],
      [{}, { key: false, native: true }, /--native with --no-key/],
    ] as readonly [Record<string, Answer>, Partial<CreateRequest>, RegExp][]) {
      const { code, source, calls } = await creating(answers, changes);
      assert.match(String(code), said);
      assert.equal(source, {});
      assert.not.ok(calls.some((call) => call.startsWith('POST')));
    }
  });

  test('a failure on the way says what there is, and how to go on', async () => {
    const refused = await creating({ 'POST /_security/api_key': [403, {}] });
    assert.match(
      String(refused.code),
      /manage_own_api_key[^]*Created so far: the connector "c"\. To go on, repeat the command with --id "c" --index "i"$/,
    );
    const lost = await creating({ [probe]: noSecret, 'POST /_connector/_secret': [500, {}] }, { native: true });
    assert.match(String(lost.code), /the API key with the id "key-1", which nobody has seen: revoke it/);
    assert.not.match(String(lost.code) + lost.text(), /geheim/);
  });

  test('without security there is no key, and none is missing', async () => {
    const { code, calls, said } = await creating({ 'GET /_security/_authenticate': [400] }, { json: false });
    assert.is(code, 0);
    assert.not.ok(calls.includes('POST /_security/api_key'));
    assert.not.match(said.join(), /api_key/);
  });
});
