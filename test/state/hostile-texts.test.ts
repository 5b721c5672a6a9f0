import * as assert from 'uvu/assert';
import { itemKey } from '../../src/state/catalogue.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import type { Store } from '../../src/state/store.js';
import { emptyReport } from '../support/empty-report.js';
import { hostileTexts } from '../support/hostile-texts.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';

suite('hostile texts through each table', (test) => {
  let store: Store;
  test.before(() => {
    store = sqliteStore(':memory:');
  });
  test.after(() => store.close());

  test('catalogue: every text of an item, and its finding, marking and forgetting by an id', () => {
    const { catalogue } = store;
    const items = hostileTexts.flatMap((text) => {
      const texts = { documentId: `d${text}`, parent: text, viewer: text, rules: text, lastSeen: 1 };
      return [
        knownItem({ id: text, ...texts, version: { signature: text, content: text } }),
        knownItem({ id: text, ...texts, type: 'folder', version: null, filtered: { rule: text, signature: text } }),
      ];
    });
    catalogue.record(items);
    const known = catalogue.known(hostileTexts);
    assert.is(known.size, items.length);
    for (const item of items) assert.equal(known.get(itemKey(item.type, item.id)), item);
    for (const [index, item] of items.entries()) {
      catalogue.seen([item], 100 + index);
      assert.is(catalogue.known([item.id]).get(itemKey(item.type, item.id))?.lastSeen, 100 + index);
    }
    for (const [index, item] of items.entries()) {
      catalogue.forget([item]);
      assert.is(catalogue.count(), items.length - index - 1);
    }
  });

  test('frontier: folders, markers and reasons; two names are two paths', () => {
    const { frontier } = store;
    frontier.clear();
    frontier.add(
      hostileTexts.map((text) => ({ id: text, viewer: text, path: `/A/${text}/below`, ancestors: ['0', text] })),
    );
    const seen = new Map<string, string>();
    for (let folder = frontier.take(); folder !== undefined; folder = frontier.take()) {
      assert.is(folder.viewer, folder.id);
      seen.set(folder.id, folder.path);
      if (folder.id.startsWith('below ')) {
        const name = folder.id.slice(6);
        assert.equal([folder.path, folder.ancestors], [`/A/${name}/below/${name}`, ['0', name, name]]);
      } else {
        frontier.pageListed(folder, null, [
          { id: `below ${folder.id}`, viewer: `below ${folder.id}`, above: folder, name: folder.id },
        ]);
      }
      frontier.pageSettled(folder, folder.id);
      frontier.unread(folder, folder.id);
    }
    assert.equal([...seen.keys()].sort(), hostileTexts.flatMap((text) => [text, `below ${text}`]).sort());
    for (const text of hostileTexts) assert.is(seen.get(text), `/A/${text}/below`);
    frontier.resume();
    for (let folder = frontier.take(); folder !== undefined; folder = frontier.take()) {
      assert.is(folder.marker, folder.id);
      frontier.pageSettled(folder, null);
    }
    for (const text of hostileTexts) assert.is(store.absence.placeOf(['0', text]), 'walked');
    assert.is(store.absence.placeOf(['0', 'none of them']), 'unknown');
  });

  test('what was left to its owner: every text of the entry', () => {
    const { frontier } = store;
    frontier.clear();
    frontier.defer(hostileTexts.map((text) => ({ viewer: text, type: 'file', id: text, entry: { name: text } })));
    assert.equal(
      frontier.deferred(0, 1_000).map(({ viewer, type, id, entry }) => ({ viewer, type, id, entry })),
      hostileTexts.map((text) => ({ viewer: text, type: 'file', id: text, entry: { name: text } })),
    );
  });

  test('absence: what is missing below a folder, page by page, and what goes with it', () => {
    const { absence, catalogue, frontier } = store;
    frontier.clear();
    frontier.add(hostileTexts.map((text) => ({ id: text, viewer: text, path: '/', ancestors: ['0'] })));
    for (let folder = frontier.take(); folder !== undefined; folder = frontier.take()) {
      frontier.pageSettled(folder, null);
    }
    const folders = hostileTexts.map((text) => knownItem({ id: text, type: 'folder', viewer: text, lastSeen: 2 }));
    const missing = hostileTexts.map((text) =>
      knownItem({ id: `m${text}`, type: 'folder', parent: text, viewer: text, lastSeen: 1 }),
    );
    const below = hostileTexts.map((text) =>
      knownItem({ id: `b${text}`, parent: `m${text}`, viewer: text, lastSeen: 1 }),
    );
    catalogue.record([...folders, ...missing, ...below]);
    const found: string[] = [];
    for (let page = absence.topmost(2, null, 3); page.length > 0; page = absence.topmost(2, page.at(-1) ?? null, 3)) {
      found.push(...page.map(({ id }) => id));
      for (const item of page) {
        assert.is(absence.documentsOf(item, 2), 2);
        absence.missed(item, 2, { at: 1, isComplete: true });
        absence.condemn(item, { proof: 'trashed', run: 2, isSure: true });
      }
    }
    assert.equal(found.sort(), missing.map(({ id }) => id).sort());
    const gone = absence.condemned(null, 1_000).map(({ item }) => item.id);
    assert.equal(gone.sort(), [...missing, ...below].map(({ id }) => id).sort());
    assert.equal(absence.departed(2), []);
    for (const text of hostileTexts) assert.ok(absence.hasShown(text, 2));
    absence.clear();
    for (const text of hostileTexts) absence.condemnViewer(text, { proof: 'user_gone', run: 2, isSure: false }, null);
    assert.is(absence.condemned(null, 1_000).length, missing.length + below.length);
    catalogue.forget([...folders, ...missing, ...below]);
  });

  test('census: documents and strangers', () => {
    const { catalogue, census } = store;
    census.begin();
    const documents = hostileTexts.map((text) => ({
      ...{ documentId: `d${text}`, id: text, type: 'file' as const, parent: text, viewer: text },
      version: { signature: text, content: text },
    }));
    census.add({ documents, strangers: hostileTexts });
    assert.equal(census.end(), {
      ...{ lost: 0, differing: 0, adopted: documents.length, strangers: hostileTexts.length },
    });
    const known = catalogue.known(hostileTexts);
    for (const { id, documentId, parent, viewer, version } of documents) {
      const item = known.get(itemKey('file', id));
      assert.equal(
        { documentId: item?.documentId, parent: item?.parent, viewer: item?.viewer, version: item?.version },
        { documentId, parent, viewer, version },
      );
    }
    const strangers: string[] = [];
    for (let page = census.strangers('', 2); page.length > 0; page = census.strangers(page.at(-1) ?? '', 2)) {
      strangers.push(...page);
    }
    assert.equal(strangers.sort(), [...hostileTexts].sort());
  });

  test('dead letters: every text, and their dropping', () => {
    const { deadLetters } = store;
    const letters = hostileTexts.map((text) => ({
      ...{ documentId: text, type: text, id: text, path: text, operation: text, reason: text, lastTried: 1 },
    }));
    deadLetters.add(letters);
    const byId = new Map(deadLetters.list(1_000).map((letter) => [letter.documentId, letter]));
    for (const letter of letters) assert.equal(byId.get(letter.documentId), { ...letter, attempts: 1 });
    deadLetters.drop(hostileTexts.slice(1));
    assert.equal(
      deadLetters.list(10).map(({ documentId }) => documentId),
      hostileTexts.slice(0, 1),
    );
  });

  test('tokens, facts and reports of runs', () => {
    const { tokens, facts, runs } = store;
    for (const text of hostileTexts) {
      const token = { accessToken: text, refreshToken: text, expiresAt: 1, origin: text };
      tokens.save(text, token);
      assert.equal(tokens.load(text), token);
      facts.set(text, text);
      assert.is(facts.get(text), text);
      const id = runs.start({ kind: 'full', rewrite: false, startedAt: 1, scope: text });
      const unread = [{ type: 'folder' as const, id: text, path: text, reason: text }];
      const report = { ...emptyReport, withoutContentReason: text, unread };
      runs.progress(id, report, 2);
      assert.equal(runs.last()?.report, report);
      runs.end(id, { state: 'failed', endedAt: 2, report });
      assert.equal([runs.last()?.scope, runs.last()?.report], [text, report]);
    }
  });
});
