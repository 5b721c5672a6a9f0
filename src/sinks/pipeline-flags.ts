/** What the ingest pipeline is asked to do with each document. */
export interface PipelineFlags {
  readonly extractBinaryContent: boolean;
  readonly reduceWhitespace: boolean;
  readonly runMlInference: boolean;
}

/** JSON members that carry the flags in a whole document, under the names that Elastic's pipelines read. */
export function pipelineFlags({ extractBinaryContent, reduceWhitespace, runMlInference }: PipelineFlags): string {
  return `"_extract_binary_content":${extractBinaryContent},"_reduce_whitespace":${reduceWhitespace},"_run_ml_inference":${runMlInference}`;
}
