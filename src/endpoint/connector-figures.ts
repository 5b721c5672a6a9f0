import type { CallCounts } from '../box/call-counts.js';
import type { Outcome } from '../core/outcome.js';
import type { BulkCounts } from '../sinks/bulk-counts.js';
import type { Run } from '../state/run.js';
import { bulkSamples, callSamples, roomSamples, tallySamples } from './run-samples.js';
import { type Sample, sample, seriesOf } from './sample.js';

/** How a sync ended. `suspended`: it was stopped, and the next goes on with it. */
export type SyncEnd = 'completed' | 'incomplete' | 'failed' | 'canceled' | 'suspended';

const syncEnds: readonly SyncEnd[] = ['completed', 'incomplete', 'failed', 'canceled', 'suspended'];

/** What of a sync is followed while it goes on. */
export interface FollowedSync {
  /** The run that it does, as soon as there is one. */
  run(run: Run): void;
  /** Content has arrived from Box. */
  contentRead(bytes: number): void;
  /** An operation has ended at the sink. */
  settled(outcome: Outcome['kind'], bytes: number): void;
  /** It is over, and its state still open. What it has counted stays. */
  stop(): void;
}

type Read = () => readonly Sample[];

/** Something that counts by itself, and what it had counted before it was followed, by series. */
interface Counting {
  readonly read: Read;
  readonly before: ReadonlyMap<string, number>;
}

/**
 * The figures of one connector: what it has counted since the process began, over all its runs, and how it stands now.
 * Nothing is done for them while a run goes on: its own counts are read when somebody asks. Holds one number for each
 * series.
 */
export class ConnectorFigures {
  /** What has been counted by things that count no more, by series. */
  readonly #past = new Map<string, Sample>();
  readonly #counting = new Set<Counting>();
  #run: Run | undefined;
  #running = false;
  #inError: boolean | undefined;
  #deadLetters: number | undefined;
  /** Milliseconds since 1970. */
  #lastSuccess: number | undefined;
  #lastEnd: number | undefined;

  constructor() {
    // There from the beginning, so that a first failure is an increase.
    for (const outcome of syncEnds) this.#add(sample('box_connector_syncs_total', 0, { outcome }));
  }

  /** Counts calls to Box until the function returned is called. */
  calls(counts: CallCounts): () => void {
    return this.#follow(() => callSamples(counts));
  }

  /** What the connector's document says. `lastSuccess`: when a sync was completed last, by whatever process. */
  seen({ lastSuccess, inError }: { readonly lastSuccess: number | null; readonly inError: boolean }): void {
    this.#inError = inError;
    if (lastSuccess !== null) this.#lastSuccess = Math.max(this.#lastSuccess ?? lastSuccess, lastSuccess);
  }

  /** A sync begins. */
  begin({ counts, bulk }: { readonly counts: CallCounts; readonly bulk: BulkCounts | null }): FollowedSync {
    const bytes = { content: 0, documents: { written: 0, unchanged: 0, rejected: 0 } };
    this.#running = true;
    const following = [
      this.calls(counts),
      this.#follow(() => [
        sample('box_connector_content_bytes_read_total', bytes.content),
        ...Object.entries(bytes.documents).map(([outcome, value]) =>
          sample('box_connector_document_bytes_total', value, { outcome }),
        ),
      ]),
    ];
    if (bulk !== null) following.push(this.#follow(() => bulkSamples(bulk)));
    return {
      run: (run) => {
        this.#run = run;
        following.push(this.#follow(() => tallySamples(run)));
      },
      contentRead: (more) => {
        bytes.content += more;
      },
      settled: (outcome, more) => {
        // A deletion carries no document, and what a rule excludes never gets to a sink.
        if (outcome !== 'deleted' && outcome !== 'filtered') bytes.documents[outcome] += more;
      },
      stop: () => {
        for (const stop of following) stop();
        this.#deadLetters = lettersOf(this.#run) ?? this.#deadLetters;
        this.#run = undefined;
        this.#running = false;
      },
    };
  }

  /** A sync has ended; `at` in milliseconds since 1970. */
  ended(how: SyncEnd, at: number): void {
    this.#lastEnd = at;
    if (how === 'completed') this.#lastSuccess = at;
    this.#add(sample('box_connector_syncs_total', 1, { outcome: how }));
  }

  /** All series as they are now. */
  samples(): readonly Sample[] {
    const counters = new Map(this.#past);
    for (const counting of this.#counting) for (const more of newOf(counting)) addTo(counters, more);
    return [...counters.values(), ...this.#gauges()];
  }

  #gauges(): readonly Sample[] {
    return [
      sample('box_connector_sync_running', this.#running ? 1 : 0),
      ...given('box_connector_in_error', this.#inError === undefined ? undefined : Number(this.#inError)),
      ...given('box_connector_last_success_timestamp_seconds', inSeconds(this.#lastSuccess)),
      ...given('box_connector_last_sync_end_timestamp_seconds', inSeconds(this.#lastEnd)),
      ...(roomsOf(this.#run) ?? given('box_connector_dead_letters', this.#deadLetters)),
    ];
  }

  #follow(read: Read): () => void {
    const counting: Counting = { read, before: new Map(read().map((one) => [seriesOf(one), one.value])) };
    this.#counting.add(counting);
    return () => {
      if (!this.#counting.delete(counting)) return;
      for (const more of newOf(counting)) this.#add(more);
    };
  }

  #add(more: Sample): void {
    addTo(this.#past, more);
  }
}

function newOf({ read, before }: Counting): readonly Sample[] {
  return read().map((one) => ({ ...one, value: one.value - (before.get(seriesOf(one)) ?? 0) }));
}

function addTo(counters: Map<string, Sample>, more: Sample): void {
  const series = seriesOf(more);
  counters.set(series, { ...more, value: more.value + (counters.get(series)?.value ?? 0) });
}

function given(name: Sample['name'], value: number | undefined): readonly Sample[] {
  return value === undefined ? [] : [sample(name, value)];
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000;
}

/** A state that cannot be read must not keep anybody from the other figures, which may say why. */
function roomsOf(run: Run | undefined): readonly Sample[] | undefined {
  try {
    return run && roomSamples(run);
  } catch {
    return undefined;
  }
}

function lettersOf(run: Run | undefined): number | undefined {
  try {
    return run?.store.deadLetters.count();
  } catch {
    return undefined;
  }
}
