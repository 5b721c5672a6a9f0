import type { Config } from '../config/schema.js';
import type { ConfigurationValues } from './configuration-values.js';
import { type Members, members } from './json-members.js';

/** What of the configuration of one run comes from the connector and its job. */
export interface ConnectorSettings {
  readonly values: ConfigurationValues;
  readonly indexName: string;
  /** As the job or the connector has it; `null`: as the file has it. */
  readonly pipeline: Members | null;
  /** The basic rules that are active. */
  readonly rules: readonly unknown[];
  /** The connector's own key for its index; `null`: it is written with the sign-in of the file. */
  readonly apiKey: string | null;
}

/** The configuration of one run: the file's, with what the connector says in place of what it says there. */
export function connectorConfig(
  file: Config,
  { values, indexName, pipeline, rules, apiKey }: ConnectorSettings,
): Config {
  return {
    ...file,
    sink: 'elasticsearch',
    index: indexName,
    sync_rules: rules,
    elasticsearch: { ...file.elasticsearch, api_key: apiKey ?? file.elasticsearch.api_key },
    box: {
      ...file.box,
      is_enterprise: values.isEnterprise,
      client_id: values.clientId,
      client_secret: values.clientSecret,
      refresh_token: values.refreshToken,
      enterprise_id: values.enterpriseId,
      jwt_config: values.jwtConfig,
      // Of a one-shot run in the same file: the connector has no such field.
      user_id: null,
      concurrent_downloads: values.concurrentDownloads,
    },
    extraction: { ...file.extraction, method: values.extractionMethod ?? file.extraction.method },
    pipeline:
      pipeline === null
        ? file.pipeline
        : {
            name: members.text(pipeline['name']) ?? file.pipeline.name,
            extract_binary_content: members.flag(
              pipeline['extract_binary_content'],
              file.pipeline.extract_binary_content,
            ),
            reduce_whitespace: members.flag(pipeline['reduce_whitespace'], file.pipeline.reduce_whitespace),
            run_ml_inference: members.flag(pipeline['run_ml_inference'], file.pipeline.run_ml_inference),
          },
  };
}
