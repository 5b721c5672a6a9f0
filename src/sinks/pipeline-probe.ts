import type { Client } from '@elastic/elasticsearch';
import { PermanentError } from '../core/errors.js';
import { isPipelineMissing, pipelineMissing } from './classify-bulk-item.js';
import { elasticsearchError } from './elasticsearch-error.js';
import { parseBulkAnswer } from './parse-bulk-answer.js';
import { wrongAnswer } from './wrong-answer.js';

/**
 * Throws `PermanentError` if the ingest pipeline does not exist. Needs nothing but `write` on the index, which need not
 * exist, and leaves nothing behind: one bulk item is sent that cannot succeed (it wants an alias, and a sequence number
 * that no document has). Elasticsearch looks for the pipeline before it finds that out.
 */
export async function probePipeline(
  client: Client,
  { index, pipeline }: { readonly index: string; readonly pipeline: string },
  signal?: AbortSignal,
): Promise<void> {
  const action = {
    index: { _id: 'pipeline-probe', require_alias: true, if_seq_no: 2 ** 31, if_primary_term: 2 ** 31 },
  };
  const looking = `look for the ingest pipeline "${pipeline}"`;
  let said: unknown;
  try {
    const answer = await client.transport.request(
      {
        method: 'POST',
        path: `/${encodeURIComponent(index)}/_bulk`,
        querystring: { pipeline, filter_path: 'errors,items.*.status,items.*.error' },
        bulkBody: `${JSON.stringify(action)}\n{}\n`,
      },
      { ...(signal && { signal }) },
    );
    said = answer;
  } catch (failure) {
    throw elasticsearchError(failure, looking, index);
  }
  const error = parseBulkAnswer(said, looking).items[0]?.['index']?.error;
  if (error === undefined) throw wrongAnswer(looking, said, 'it accepts what it has to refuse');
  if (!isPipelineMissing(error)) return;
  const { type = '', reason } = error;
  throw new PermanentError(pipelineMissing(pipeline, reason ?? 'it does not exist'), { status: 400, code: type });
}
