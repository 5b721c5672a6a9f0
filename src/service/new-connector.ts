import type { Config } from '../config/schema.js';
import { type ConfigurationField, configurationSchema } from './configuration-schema.js';
import type { FormValues } from './form-values.js';
import { newFiltering } from './filtering.js';
import type { Members } from './json-members.js';
import { features } from './prepare-connector.js';

interface NewConnector {
  readonly name: string;
  readonly indexName: string;
  readonly language: string | null;
  readonly isNative: boolean;
  readonly pipeline: Config['pipeline'];
  /** What is filled in; the other fields are as the form shows them at first. */
  readonly values: FormValues;
  /** Whether that is enough to sign in. */
  readonly isComplete: boolean;
  readonly now: Date;
}

/** As Kibana shows it at first. */
const off = { enabled: false, interval: '0 0 0 * * ?' } as const;

/** The fields of a connector as Kibana creates it, with the form that the service would write at its first look. */
export function newConnector(wanted: NewConnector): Members {
  const configuration = Object.entries<ConfigurationField>(configurationSchema).map(
    ([key, field]) => [key, { ...field, value: wanted.values[key] ?? field.value }] as const,
  );
  return {
    api_key_id: null,
    api_key_secret_id: null,
    configuration: Object.fromEntries(configuration),
    custom_scheduling: {},
    deleted: false,
    description: null,
    error: null,
    features,
    filtering: newFiltering(wanted.now),
    index_name: wanted.indexName,
    is_native: wanted.isNative,
    language: wanted.language,
    last_access_control_sync_error: null,
    last_access_control_sync_scheduled_at: null,
    last_access_control_sync_status: null,
    last_deleted_document_count: null,
    last_incremental_sync_scheduled_at: null,
    last_indexed_document_count: null,
    last_seen: null,
    last_sync_error: null,
    last_sync_scheduled_at: null,
    last_sync_status: null,
    last_synced: null,
    name: wanted.name,
    pipeline: { ...wanted.pipeline },
    scheduling: { access_control: off, full: off, incremental: off },
    service_type: 'box',
    status: wanted.isComplete ? 'configured' : 'needs_configuration',
    sync_cursor: null,
    sync_now: false,
  };
}
