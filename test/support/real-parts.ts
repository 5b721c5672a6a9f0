import { type Elasticsearch, startElasticsearch } from './elasticsearch.js';
import type { Test } from './suite.js';
import { startTika } from './tika.js';

export type RealPart = 'elasticsearch' | 'tika';

const names: Readonly<Record<RealPart, string>> = { elasticsearch: 'ELASTICSEARCH', tika: 'TIKA' };

let elasticsearch: Elasticsearch | undefined;

/**
 * Starts the real Elasticsearch and the real Tika, once for all test files of a run, and says in the environment where
 * they are (`TEST_ELASTICSEARCH_URL`, `_USERNAME`, `_PASSWORD`, `TEST_TIKA_URL`) or why they are not
 * (`TEST_ELASTICSEARCH_MISSING`, `TEST_TIKA_MISSING`). Returns what stops them.
 */
export async function startRealParts(): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const start = async (part: RealPart, begin: () => Promise<() => Promise<void>>) => {
    // The process that started this one has tried already.
    if (process.env[`TEST_${names[part]}_MISSING`] !== undefined) return;
    const startedAt = Date.now();
    try {
      stops.push(await begin());
      const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1);
      if (process.send === undefined)
        console.log(`Real ${part} at ${String(process.env[`TEST_${names[part]}_URL`])} (${seconds} s)`);
    } catch (error) {
      const reason = (error as Error).message.replace(/\s+/g, ' ');
      process.env[`TEST_${names[part]}_MISSING`] = reason;
      Reflect.deleteProperty(process.env, `TEST_${names[part]}_URL`);
      console.error(`No real ${part}: ${reason}`);
    }
  };
  await Promise.all([
    start('elasticsearch', async () => {
      elasticsearch = await startElasticsearch();
      process.env['TEST_ELASTICSEARCH_URL'] = elasticsearch.url;
      process.env['TEST_ELASTICSEARCH_USERNAME'] = elasticsearch.username;
      process.env['TEST_ELASTICSEARCH_PASSWORD'] = elasticsearch.password;
      return elasticsearch.stop;
    }),
    start('tika', async () => {
      const tika = await startTika();
      process.env['TEST_TIKA_URL'] = tika.url;
      return () => tika.stop();
    }),
  ]);
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** Why the part is not here, or `undefined` if it is. */
export function missingPart(part: RealPart): string | undefined {
  if (process.env[`TEST_${names[part]}_URL`] !== undefined) return undefined;
  return (
    process.env[`TEST_${names[part]}_MISSING`] ??
    `nobody started it: run the file through test/run.ts, or set TEST_${names[part]}_URL`
  );
}

/** Registers tests that need real parts: without one of them they are skipped, with the reason. */
export function needing(test: Test, ...parts: readonly RealPart[]): (name: string, run: () => Promise<void>) => void {
  const reason = parts.map(missingPart).find((missing) => missing !== undefined);
  return reason === undefined ? test : (name) => test.skip(name, reason);
}

/** The Elasticsearch of this run. Call it inside a test that needs it. */
export function realElasticsearch(): Elasticsearch {
  if (elasticsearch === undefined) throw new Error('Cannot use the real Elasticsearch: it was not started');
  return elasticsearch;
}
