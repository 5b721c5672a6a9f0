import type { Config } from '../config/schema.js';
import type { Clock } from '../core/clock.js';
import { probeExtraction } from '../extractors/probe-extraction.js';
import type { Finding } from '../sinks/elasticsearch-probe.js';

/** Asks the service that takes the text, if there is one, whether it is there. */
export async function checkExtraction(
  clock: Clock,
  {
    extraction: { method },
    extraction_service: service,
    tika,
  }: Pick<Config, 'extraction' | 'extraction_service' | 'tika'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (method !== 'tika' && method !== 'extraction_service') return [];
  const url = method === 'tika' ? tika.url : (service.host ?? '');
  const problem = await probeExtraction(clock, { method, url }, signal);
  const found = problem ?? `${method} answers at ${url}`;
  return [{ what: 'Text extraction', ok: problem === null, found, advice: null }];
}
