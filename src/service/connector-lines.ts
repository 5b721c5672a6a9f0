import { stringify } from 'yaml';

interface ConnectorLines {
  readonly host: string;
  readonly connectorId: string;
  /** `null`: it has none of its own. */
  readonly key: { readonly encoded: string } | { readonly file: string } | null;
  /** The key is the service's own, too. */
  readonly isForProtocol: boolean;
}

/** The lines of `config.yml` for one connector, each for itself; may hold the key. */
export function connectorLines({ host, connectorId, key, isForProtocol }: ConnectorLines): readonly string[] {
  const own = key === null ? {} : 'file' in key ? { api_key_file: key.file } : { api_key: key.encoded };
  const service = Object.entries(own).map(([name, value]) => [`elasticsearch.${name}`, value] as const);
  const lines = {
    'elasticsearch.host': host,
    ...(isForProtocol && Object.fromEntries(service)),
    connectors: [{ connector_id: connectorId, service_type: 'box', ...own }],
  };
  // What could break a line is escaped inside of quotes, and nothing is folded.
  return stringify(lines, {
    lineWidth: 0,
    blockQuote: false,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  })
    .trimEnd()
    .split('\n');
}
