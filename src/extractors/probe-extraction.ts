import fetch, { type Response } from 'node-fetch';
import type { Clock } from '../core/clock.js';
import { redact } from '../core/redact.js';
import { messageOf } from '../core/message-of.js';

export interface ProbeTarget {
  readonly method: 'extraction_service' | 'tika';
  /** The configured address. */
  readonly url: string;
  /** Default: 5 s. */
  readonly timeoutMs?: number;
}

/**
 * Asks a text extraction service whether it is there. Resolves with `null` if so, else with a sentence that says what was
 * found and what to look at; never rejects. A service that does not answer is no reason to stop: it costs texts only.
 */
export async function probeExtraction(clock: Clock, target: ProbeTarget, signal: AbortSignal): Promise<string | null> {
  const { method, url, timeoutMs = 5_000 } = target;
  const base = url.replace(/\/+$/, '');
  const [service, path, advice] =
    method === 'tika'
      ? ['Tika', '/version', 'tika.url']
      : ['the extraction service', '/ping/', 'extraction_service.host'];
  const cannot = redact(`Cannot reach ${service} at ${base}`);
  const hint = `see whether it runs and ${advice} is its address`;
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal.addEventListener('abort', abort);
  const stopClock = clock.after(timeoutMs, abort);
  if (signal.aborted) abort();
  try {
    const response = await fetch(`${base}${path}`, {
      // As it is: a packed answer can be a thousand times as large as it comes.
      headers: { 'Accept-Encoding': 'identity' },
      compress: false,
      redirect: 'manual',
      signal: controller.signal,
    });
    const text = await beginningOf(response);
    if (response.status !== 200) return `${cannot}: it answered ${response.status}, expected 200; ${hint}`;
    if (method === 'tika' && !text.includes('Tika')) return `${cannot}: what answered is no Tika server; ${hint}`;
    return null;
  } catch (error) {
    if (controller.signal.aborted) return `${cannot}: no answer within ${timeoutMs / 1000} s; ${hint}`;
    return redact(`${cannot}: ${messageOf(error)}; ${hint}`);
  } finally {
    stopClock();
    signal.removeEventListener('abort', abort);
    // Ends what was not read.
    abort();
  }
}

/** More than a version and a greeting need. */
const longestAnswer = 65_536;

async function beginningOf(response: Response): Promise<string> {
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += chunk.toString();
    if (text.length > longestAnswer) break;
  }
  return text;
}
