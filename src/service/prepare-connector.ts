import { type ConfigurationField, configurationSchema } from './configuration-schema.js';
import type { ConnectorDocument } from './connector-document.js';
import { type Members, members } from './json-members.js';

/** What this connector can do, for Kibana. */
export const features = {
  sync_rules: { basic: { enabled: true }, advanced: { enabled: false } },
  document_level_security: { enabled: false },
  incremental_sync: { enabled: true },
  native_connector_api_keys: { enabled: false },
} as const;

/**
 * What has to be written before the connector can be configured and run: its type, the schema of its configuration
 * (all of it if there is none, else the fields and properties that are missing; values and what somebody else has
 * written stay), and its features. `null`: nothing.
 */
export function prepareConnector(
  connector: Pick<ConnectorDocument, 'serviceType' | 'configuration' | 'features' | 'status'>,
  serviceType: string,
): Members | null {
  const changes: Record<string, unknown> = {};
  if (connector.serviceType === null) changes['service_type'] = serviceType;
  const configuration = missingConfiguration(connector.configuration);
  if (configuration !== null) changes['configuration'] = configuration;
  // Empty until now: somebody has to fill it in.
  if (Object.keys(connector.configuration).length === 0 || connector.status === 'created') {
    changes['status'] = 'needs_configuration';
  }
  if (!includes(connector.features, features)) changes['features'] = features;
  return Object.keys(changes).length === 0 ? null : changes;
}

function missingConfiguration(present: Members): Members | null {
  const missing: Record<string, Members> = {};
  for (const [key, schema] of Object.entries<ConfigurationField>(configurationSchema)) {
    const found = present[key];
    if (found === undefined || found === null) {
      missing[key] = { ...schema };
      continue;
    }
    const field = members.of(found);
    const lacking = Object.entries(schema).filter(([property]) => !(property in field));
    if (lacking.length > 0) missing[key] = Object.fromEntries(lacking);
  }
  return Object.keys(missing).length === 0 ? null : missing;
}

/** Whether `present` has all that `wanted` has, and says the same. */
function includes(present: Members, wanted: Members): boolean {
  return Object.entries(wanted).every(([key, value]) => {
    const found = present[key];
    return typeof value === 'object' && value !== null
      ? includes(members.of(found), members.of(value))
      : found === value;
  });
}
