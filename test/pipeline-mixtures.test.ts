import { lastValueFrom } from 'rxjs';
import * as assert from 'uvu/assert';
import { PermanentError, TransientError } from '../src/core/errors.js';
import type { Extractor } from '../src/extractors/extractor.js';
import type { Run } from '../src/state/run.js';
import { seededRandom } from './support/seeded-random.js';
import { isLong } from './support/sync-trial.js';
import { suite } from './support/suite.js';
import { plainText, type RigOptions, SyncRig } from './support/sync-rig.js';

const noTmp = [
  { id: 'no-tmp', order: 0, policy: 'exclude', field: 'extension', rule: 'equals', value: 'tmp' },
] as const;

/** What a file is called says what happens to it. */
const kinds = ['at once', 'slow', 'refused', 'failing', 'too large', 'rejected', 'bloating', 'throwing'] as const;

suite(
  'pipeline(), random mixtures under random limits',
  (test) => {
    const seeds = isLong ? 1_000 : 200;

    test(`${seeds} seeds: every run ends, its equation holds, and no more is held than the budgets and one item`, async () => {
      for (let seed = 1; seed <= seeds; seed += 1) {
        const mixture = new Mixture(seed);
        try {
          await mixture.run();
        } catch (error) {
          throw new Error(`seed ${seed}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`, {
            cause: error,
          });
        }
      }
    });
  },
  { timeoutMs: isLong ? 600_000 : 120_000 },
);

/** A small tree with every kind of item, limits, and two runs with changes between them; all from one seed. */
class Mixture {
  readonly #random: () => number;
  readonly #rig = new SyncRig();
  readonly #files: { readonly id: string; readonly kind: (typeof kinds)[number] }[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#grow();
  }

  async run(): Promise<void> {
    const options = this.#limits();
    await this.#sync(options);
    this.#change();
    await this.#sync({ ...options, ...this.#limits() });
  }

  #upTo(most: number): number {
    return 1 + Math.floor(this.#random() * most);
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)]!;
  }

  /** From 1 to `most`, small ones as often as large ones. */
  #spread(most: number): number {
    return Math.ceil(most ** this.#random());
  }

  #grow(): void {
    const { box, index } = this.#rig;
    box.pageSize = this.#upTo(30);
    const folders = ['0'];
    for (let count = this.#upTo(12); count > 0; count -= 1) folders.push(box.folder(this.#pick(folders)));
    for (let count = this.#upTo(80); count > 0; count -= 1) {
      const folder = this.#pick(folders);
      const dice = this.#random();
      if (dice < 0.15) box.link(folder);
      else if (dice < 0.25) box.file(folder, { name: `${count}.tmp`, content: 'x' });
      else {
        const kind = this.#pick(kinds);
        const length = kind === 'too large' ? 1_500 : this.#spread(900);
        const id = box.file(folder, { name: `${kind} ${count}.txt`, content: 'x'.repeat(length) });
        this.#files.push({ id, kind });
      }
    }
    const kindOf = new Map(this.#files.map(({ id, kind }) => [id, kind]));
    const slowness = this.#upTo(20);
    box.latency = ({ kind, id }) =>
      kind === 'content' && kindOf.get(id) === 'slow' ? slowness : Math.floor(this.#random() * 3);
    box.fail(({ kind, id }) => kind === 'content' && kindOf.get(id) === 'refused', new PermanentError('refused'));
    box.fail(({ kind, id }) => kind === 'content' && kindOf.get(id) === 'failing', new TransientError('failing'));
    index.latency = () => Math.floor(this.#random() * 5);
    index.refuses = ({ id }) => (kindOf.get(id) === 'rejected' ? 'refused by the index' : undefined);
  }

  #limits(): RigOptions {
    return {
      rows: this.#spread(100),
      bytes: 1_000 * this.#spread(1_000),
      listingBytes: 1_024 * this.#spread(1_000),
      concurrency: this.#upTo(16),
      downloads: this.#upTo(16),
      batch: {
        maxItems: this.#upTo(50),
        maxBytes: this.#spread(100_000),
        maxWaitMs: 1,
        weigh: ({ value }) => (value.kind === 'delete' ? 1 : value.source.length),
      },
      extractor,
      syncRules: this.#random() < 0.5 ? noTmp : [],
    };
  }

  /** New content, new names, and things that have gone. */
  #change(): void {
    const { box } = this.#rig;
    for (const { id, kind } of this.#files) {
      const dice = this.#random();
      if (dice < 0.1) box.remove('file', id);
      else if (dice < 0.2) box.newVersion(id, 'y'.repeat(this.#spread(900)));
      else if (dice < 0.3) box.rename('file', id, `${kind} renamed.txt`);
    }
  }

  async #sync(options: RigOptions): Promise<void> {
    const { run, outcomes } = this.#rig.begin(options);
    let documentsPeak = 0;
    const look = () => (documentsPeak = Math.max(documentsPeak, run.gates.documents.held));
    this.#rig.box.before = look;
    this.#rig.box.after = look;
    await lastValueFrom(outcomes, { defaultValue: null });
    // Throws if what was listed and what has ended are not the same.
    const report = run.tally.finalReport();
    assert.is(report.unread.length, 0);
    assertNothingHeld(run);
    const { content, documents, ledger } = run.gates;
    assert.ok(
      content.peak <= content.limit + largestContent,
      `${content.peak} bytes of content, limit ${content.limit}`,
    );
    assert.ok(
      documentsPeak <= documents.limit + largestItem,
      `${documentsPeak} bytes listed, limit ${documents.limit}`,
    );
    assert.is(ledger.outstanding, 0);
    assert.is([...run.underWay()].length, 0);
    const { rejected, withoutContent } = report;
    const count = (...some: readonly string[]) => this.#files.filter(({ kind }) => some.includes(kind)).length;
    assert.ok(rejected <= count('rejected'));
    assert.ok(withoutContent <= count('refused', 'failing', 'too large', 'throwing', 'rejected'));
  }
}

/** The heaviest text that an extractor makes of a file, with what is around it. */
const largestContent = 10 * 1_000 + 100;
/** An entry of the fake Box is about 1 kB. */
const largestItem = 12_000;

const extractor: Extractor = {
  fingerprint: 'mixed',
  async extract(file, bytes, signal, room) {
    const { members } = await plainText.extract(file, bytes, signal, room);
    if (file.name.startsWith('throwing')) throw new Error('a fault of the parser');
    if (!file.name.startsWith('bloating')) return { members };
    for (let grown = members.length; grown <= members.length * 8; grown *= 2) await room.grow(grown);
    return { members: `"body":"${'z'.repeat(members.length * 8)}"` };
  },
};

function assertNothingHeld({ gates: { ledger, pages, documents, content } }: Run): void {
  assert.equal(
    [ledger, pages, documents, content].map(({ waiting }) => waiting),
    [0, 0, 0, 0],
  );
  assert.equal([ledger.outstanding, Math.round(pages.held), documents.held, content.held], [0, 0, 0, 0]);
}
