import {
  type Fault,
  type Format,
  type Parsed,
  controlFaults,
  fault,
  format,
  hasControl,
  isRecord,
  structure,
  value,
} from './format.js';
import { inOneLine, kindOf, show } from './shown.js';

/** A connector that Kibana steers. */
export interface ConnectorEntry {
  readonly connector_id: string;
  readonly service_type: string;
  /** Used for the content index and for ending the connector's jobs; `null`: the key in `elasticsearch.api_key` is. */
  readonly api_key: string | null;
}

/** The list under `connectors`. Faults name the entry; an API key is never shown. */
export function connectorEntries(): Format<readonly ConnectorEntry[]> {
  const expected = 'a list of { connector_id, service_type: box, api_key }';
  return format(expected, (found) => {
    const entries = structure(found);
    if (!Array.isArray(entries)) return fault(found, expected);
    const parsed = entries.map((entry: unknown, index) => connectorEntry(entry, `[${index}]`));
    const faults = parsed.flatMap((entry) => (entry.kind === 'faults' ? entry.faults : []));
    const all = parsed.flatMap((entry) => (entry.kind === 'value' ? [entry.value] : []));
    const ids = all.map((entry) => entry.connector_id);
    for (const id of new Set(ids.filter((candidate, index) => ids.indexOf(candidate) !== index))) {
      faults.push({ at: '', found: `connector_id ${show(id)} twice`, expected: 'each connector once' });
    }
    return faults.length > 0 ? { kind: 'faults', faults } : value(all);
  });
}

function connectorEntry(entry: unknown, at: string): Parsed<ConnectorEntry> {
  if (!isRecord(entry)) {
    const expected = '{ connector_id, service_type: box, api_key }';
    return { kind: 'faults', faults: [{ at, found: kindOf(entry), expected }] };
  }
  const faults: Fault[] = [];
  for (const name of Object.keys(entry)) {
    if (name !== 'connector_id' && name !== 'service_type' && name !== 'api_key') {
      const expected = 'connector_id, service_type, api_key or api_key_file';
      faults.push({ at, found: `the unknown key "${inOneLine(name)}"`, expected });
    }
  }
  const id = entry['connector_id'];
  const type = entry['service_type'] ?? 'box';
  const key = entry['api_key'] ?? null;
  const idAdvice = 'the id that Kibana shows for the connector, as text';
  if (typeof id !== 'string' || id.trim() === '' || id === 'changeme') {
    faults.push({ at: `${at}.connector_id`, found: show(id), expected: idAdvice });
  }
  if (typeof type !== 'string') faults.push({ at: `${at}.service_type`, found: kindOf(type), expected: 'text: box' });
  if (key !== null && typeof key !== 'string') {
    faults.push({ at: `${at}.api_key`, found: '[redacted]', expected: 'text, in quotes' });
  }
  // It is put into a header; an id is not.
  if (typeof key === 'string' && hasControl(key)) faults.push(...controlFaults(`${at}.api_key`));
  const complete = typeof id === 'string' && typeof type === 'string' && (key === null || typeof key === 'string');
  if (!complete || faults.length > 0) return { kind: 'faults', faults };
  return value({ connector_id: id, service_type: type, api_key: key === '' ? null : key });
}
