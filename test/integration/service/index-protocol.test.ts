import { randomBytes } from 'node:crypto';
import * as assert from 'uvu/assert';
import { elasticsearchClient } from '../../../src/sinks/elasticsearch-client.js';
import { systemClock } from '../../../src/core/clock.js';
import { AuthError } from '../../../src/core/errors.js';
import { indexProtocol } from '../../../src/service/index-protocol.js';
import { ensureProtocolIndices, protocolIndices } from '../../../src/service/protocol-indices.js';
import { protocolConformance, type ProtocolRig } from '../../service/protocol-conformance.js';
import { createTestKey } from '../../support/elasticsearch-key.js';
import { clientOf } from '../../support/index-contents.js';
import { needing, realElasticsearch } from '../../support/real-parts.js';
import { suite } from '../../support/suite.js';

const { signal } = new AbortController();

suite(
  'the protocol on the indices of a real Elasticsearch',
  (test) => {
    const it = needing(test, 'elasticsearch');

    protocolConformance(it, inRig);

    it('makes the indices under their concrete names with the aliases, however many services do so at once', () =>
      inRig(async () => {
        const client = clientOf(realElasticsearch());
        try {
          await Promise.all([1, 2, 3].map(() => ensureProtocolIndices(client, signal)));
          for (const alias of Object.values(protocolIndices)) {
            const found = await client.indices.getAlias({ name: alias });
            assert.equal(Object.keys(found), [`${alias}-v1`]);
            const settings = await client.indices.getSettings({ index: alias });
            assert.is(String(settings[`${alias}-v1`]?.settings?.index?.hidden), 'true');
          }
        } finally {
          await client.close();
        }
      }));

    it('says which key lacks what when it may not make them', async () => {
      const { url } = realElasticsearch();
      const key = await createTestKey(realElasticsearch(), { index: 'service-other' });
      const client = elasticsearchClient({ host: url, apiKey: key.encoded, version: 'test' });
      try {
        await ensureProtocolIndices(client, signal);
        assert.unreachable();
      } catch (error) {
        assert.instance(error, AuthError);
        assert.match((error as Error).message, '.elastic-connectors*');
      } finally {
        await client.close();
        await key.revoke();
      }
    });
  },
  { timeoutMs: 20_000 },
);

/** With a key of exactly the documented privileges; what was written is removed. */
async function inRig(test: (rig: ProtocolRig) => Promise<void>): Promise<void> {
  const { url } = realElasticsearch();
  const indexPrivileges = ['read', 'write', 'create_index', 'view_index_metadata', 'maintenance', 'manage'];
  const key = await createTestKey(realElasticsearch(), { index: '.elastic-connectors*', indexPrivileges });
  const client = elasticsearchClient({ host: url, apiKey: key.encoded, version: 'test' });
  const prefix = `service-${randomBytes(5).toString('hex')}-`;
  const made: string[] = [];
  const put = async (index: string, id: string, document: object, refresh = true) => {
    await client.index({ index, id, document, refresh });
  };
  try {
    await ensureProtocolIndices(client, signal);
    await test({
      protocol: indexProtocol(client, signal, systemClock),
      prefix,
      removeLater: (id) => made.push(id),
      putConnector: (id, source, isSeen) => put(protocolIndices.connectors, id, source, isSeen),
      putJob: (id, source) => put(protocolIndices.jobs, id, source),
    });
  } finally {
    const ids = ['a', 'b', 'c', 'd', 'job', '1', '2', '3', '4', '5', '6'].map((id) => prefix + id);
    for (const index of Object.values(protocolIndices)) {
      for (const id of [...ids, ...made]) await client.delete({ index, id }, { ignore: [404] });
    }
    await client.close();
    await key.revoke();
  }
}
