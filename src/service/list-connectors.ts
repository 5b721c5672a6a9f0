import { exitCodes } from '../app/exit-codes.js';
import { columns } from './columns.js';
import type { ConnectorFacts } from './connector-document.js';
import type { ConnectorTools } from './connector-tools.js';

/** Prints all Box connectors, a line each: id, name, index, status, last sync, error. */
export async function listConnectors(
  { protocol, log, say }: Pick<ConnectorTools, 'protocol' | 'log' | 'say'>,
  { json }: { readonly json: boolean },
): Promise<number> {
  const connectors = await protocol.listConnectors('box', 1_000);
  if (json) {
    for (const connector of connectors) say(JSON.stringify(asJson(connector)));
    return exitCodes.complete;
  }
  if (connectors.length === 0) {
    log.info('There is no Box connector yet: "connector create" makes one');
    return exitCodes.complete;
  }
  const rows = connectors.map((connector) => {
    const { id, name, index_name: index, status, last_sync_status: last, last_synced: at, error } = asJson(connector);
    return [id, name ?? '-', index ?? '-', status, last === null ? '-' : `${last} ${at ?? ''}`.trim(), error ?? '-'];
  });
  for (const line of columns([['ID', 'NAME', 'INDEX', 'STATUS', 'LAST SYNC', 'ERROR'], ...rows])) say(line);
  return exitCodes.complete;
}

/** By the names of the document. */
function asJson(connector: ConnectorFacts) {
  return {
    id: connector.id,
    name: connector.name,
    index_name: connector.indexName,
    status: connector.status,
    is_native: connector.isNative,
    last_sync_status: connector.lastSyncStatus,
    last_synced: connector.lastSynced === null ? null : new Date(connector.lastSynced).toISOString(),
    error: connector.error ?? connector.lastSyncError,
  };
}
