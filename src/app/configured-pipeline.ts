import type { Config } from '../config/schema.js';
import { pipelineFlags } from '../sinks/pipeline-flags.js';

/** The name that Elasticsearch itself has for "no pipeline". */
const none = '_none';

/** The ingest pipeline that whole documents go through, and the members that tell it what to do; `null`: none. */
export function configuredPipeline({
  pipeline,
}: Pick<Config, 'pipeline'>): { readonly name: string; readonly flags: string } | null {
  if (pipeline.name === none) return null;
  return {
    name: pipeline.name,
    flags: pipelineFlags({
      extractBinaryContent: pipeline.extract_binary_content,
      reduceWhitespace: pipeline.reduce_whitespace,
      runMlInference: pipeline.run_ml_inference,
    }),
  };
}
