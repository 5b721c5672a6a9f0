import type { Config } from '../config/schema.js';

/** Whether files are downloaded for their text at all. */
export function takesText({ extraction: { method }, pipeline }: Pick<Config, 'extraction' | 'pipeline'>): boolean {
  return method !== 'none' && !(method === 'ingest_attachment' && !pipeline.extract_binary_content);
}
