import { cancelledJob } from '../../src/service/cancelled-job.js';
import {
  type ConnectorDocument,
  type ConnectorFacts,
  type DocumentState,
  parseConnector,
  parseConnectorFacts,
} from '../../src/service/connector-document.js';
import { type JobDocument, type JobFacts, parseJob, parseJobFacts } from '../../src/service/job-document.js';
import { type Members, members } from '../../src/service/json-members.js';
import type { Protocol } from '../../src/service/protocol.js';

interface Stored {
  readonly source: Members;
  readonly seqNo: number;
}

/** The protocol without Elasticsearch: documents merge as they do there. */
export class MemoryProtocol implements Protocol {
  readonly #connectors = new Map<string, Stored>();
  readonly #jobs = new Map<string, Stored>();
  #seqNo = 0;
  /** Called before each conditional write: what another service does in between. */
  interfere: () => void = () => {};

  putConnector(id: string, source: Members): void {
    this.#connectors.set(id, this.#stored(source));
  }

  putJob(id: string, source: Members): void {
    this.#jobs.set(id, this.#stored(source));
  }

  connectorSource(id: string): Members {
    return this.#connectors.get(id)?.source ?? {};
  }

  jobSource(id: string): Members {
    return this.#jobs.get(id)?.source ?? {};
  }

  get jobIds(): readonly string[] {
    return [...this.#jobs.keys()];
  }

  connectors({ ids, serviceTypes }: { ids: readonly string[]; serviceTypes: readonly string[] }) {
    const all = [...this.#connectors].map(([id, stored]) => ({ id, stored, connector: connectorOf(id, stored) }));
    const found = all.filter(
      ({ id, stored, connector }) =>
        ids.includes(id) ||
        (serviceTypes.includes(connector.serviceType ?? '') && stored.source['is_native'] === false),
    );
    return Promise.resolve(found.map(({ connector }) => connector).filter(({ deleted }) => !deleted));
  }

  connector(id: string): Promise<ConnectorDocument | undefined> {
    const stored = this.#connectors.get(id);
    const connector = stored && connectorOf(id, stored);
    return Promise.resolve(connector?.deleted === true ? undefined : connector);
  }

  listConnectors(serviceType: string, most: number): Promise<readonly ConnectorFacts[]> {
    const found = [...this.#connectors]
      .map(([id, { source }]) => parseConnectorFacts(id, source))
      .filter((connector) => connector.serviceType === serviceType && !connector.deleted);
    return Promise.resolve(found.toSorted((one, other) => (one.id < other.id ? -1 : 1)).slice(0, most));
  }

  createConnector(id: string | null, fields: Members): Promise<string | undefined> {
    const made = id ?? `made-${this.#seqNo}`;
    if (this.#connectors.has(made)) return Promise.resolve(undefined);
    this.putConnector(made, fields);
    return Promise.resolve(made);
  }

  changeConnector(id: string, fields: Members, expected: DocumentState): Promise<DocumentState | undefined> {
    return this.#change(this.#connectors, id, fields, expected);
  }

  async updateConnector(id: string, fields: Members): Promise<boolean> {
    return (await this.#change(this.#connectors, id, fields, null)) !== undefined;
  }

  openJobs(connectorIds: readonly string[] | null): Promise<readonly JobDocument[]> {
    const open = [...this.#jobs]
      .map(([id, stored]) => jobOf(id, stored))
      .filter(({ status }) => ['pending', 'suspended', 'in_progress', 'canceling'].includes(status))
      .filter(({ connectorId }) => connectorIds === null || connectorIds.includes(connectorId));
    return Promise.resolve(open.toSorted((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0)));
  }

  jobsOf(connectorId: string, most: number): Promise<readonly JobFacts[]> {
    const found = [...this.#jobs]
      .map(([id, { source }]) => parseJobFacts(id, source))
      .filter((job) => job.connectorId === connectorId);
    return Promise.resolve(
      found.toSorted((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0)).slice(0, most),
    );
  }

  unknownConnectors(ids: readonly string[]): Promise<readonly string[]> {
    return Promise.resolve(ids.filter((id) => !this.#connectors.has(id)));
  }

  job(id: string): Promise<JobDocument | undefined> {
    const stored = this.#jobs.get(id);
    return Promise.resolve(stored && jobOf(id, stored));
  }

  createJob(id: string, fields: Members): Promise<boolean> {
    if (this.#jobs.has(id)) return Promise.resolve(false);
    this.putJob(id, fields);
    return Promise.resolve(true);
  }

  changeJob(id: string, fields: Members, expected: DocumentState): Promise<DocumentState | undefined> {
    return this.#change(this.#jobs, id, fields, expected);
  }

  async updateJob(id: string, fields: Members): Promise<boolean> {
    return (await this.#change(this.#jobs, id, fields, null)) !== undefined;
  }

  async cancelJob(id: string): Promise<string | undefined> {
    const job = await this.job(id);
    if (job === undefined) return undefined;
    const fields = cancelledJob(job, new Date(0));
    if (fields !== null) await this.updateJob(id, fields);
    return fields?.status ?? job.status;
  }

  #change(
    documents: Map<string, Stored>,
    id: string,
    fields: Members,
    expected: DocumentState | null,
  ): Promise<DocumentState | undefined> {
    if (expected !== null) this.interfere();
    const stored = documents.get(id);
    if (stored === undefined || (expected !== null && stored.seqNo !== expected.seqNo)) {
      return Promise.resolve(undefined);
    }
    const changed = this.#stored(merge(stored.source, fields));
    documents.set(id, changed);
    return Promise.resolve({ seqNo: changed.seqNo, primaryTerm: 1 });
  }

  #stored(source: Members): Stored {
    this.#seqNo += 1;
    return { source: JSON.parse(JSON.stringify(source)) as Members, seqNo: this.#seqNo };
  }
}

function connectorOf(id: string, { source, seqNo }: Stored): ConnectorDocument {
  return parseConnector(id, source, { seqNo, primaryTerm: 1 });
}

function jobOf(id: string, { source, seqNo }: Stored): JobDocument {
  return parseJob(id, source, { seqNo, primaryTerm: 1 });
}

/** Objects deeply, all else replaced. */
function merge(source: Members, fields: Members): Members {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  return {
    ...source,
    ...Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [
        key,
        isObject(value) && isObject(source[key]) ? merge(members.of(source[key]), members.of(value)) : value,
      ]),
    ),
  };
}
