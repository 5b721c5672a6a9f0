import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readLocalIndex } from '../../src/sinks/read-local-index.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { Connector } from '../support/connector.js';
import { suite } from '../support/suite.js';
import { serveExtraction } from './extraction-stub.js';
import { complete } from './scene.js';

const images = 6_000;
const texts = 400;

suite(
  'a folder of photos',
  (test) => {
    test(`${images} images beside ${texts} texts that take 20 ms each: all are written, and no image waits for a text`, async () => {
      const simulator = await startSimulator({
        account: 'free',
        tree: {
          shape: {},
          build: (box) => {
            for (let at = 0; at < texts; at += 1) box.createFile({ name: `${at}.txt`, content: 3_000 });
            for (let at = 0; at < images; at += 1) box.createFile({ name: `${at}.jpg`, content: 500 });
          },
        },
      });
      simulator.faults.add({ match: { route: 'download' }, answer: { kind: 'delay', ms: 20 } });
      const extraction = await serveExtraction();
      const connector = new Connector();
      try {
        const path = join(connector.folder, 'index.sqlite');
        const { clientId, clientSecret, refreshToken } = simulator.credentials;
        connector.configure({
          sink: 'local_index',
          local_index: { path },
          box: {
            client_id: clientId,
            client_secret: clientSecret,
            refresh_token: refreshToken,
            base_url: simulator.url,
            calls_per_minute: 0,
          },
          extraction: { method: 'extraction_service' },
          extraction_service: { host: extraction.url },
        });
        const summary = complete(await connector.run(['sync']));
        console.log(`${summary.written} written in ${summary.seconds} s`);
        assert.equal(
          { written: summary.written, withoutContent: summary.withoutContent, content: summary.boxCalls['content'] },
          { written: images + texts, withoutContent: 0, content: texts },
        );
        const documents = [...readLocalIndex(path)];
        assert.is(documents.length, images + texts);
        assert.is(documents.filter(({ document }) => document['body'] !== undefined).length, texts);
      } finally {
        await simulator.close();
        await extraction.close();
        connector.remove();
      }
    });
  },
  { timeoutMs: 60_000 },
);
