import type { ConnectorDocument, DocumentState } from './connector-document.js';
import type { JobDocument } from './job-document.js';
import type { Members } from './json-members.js';

/** Which connectors are this service's. */
export interface ConnectorSelection {
  readonly ids: readonly string[];
  /** All self-managed connectors of these types as well. */
  readonly serviceTypes: readonly string[];
}

/**
 * The port to the documents that Kibana and the service share. Fields have their names in the document.
 *
 * Every function rejects with an error of `core/errors.ts`. A conditional write (`expected`) resolves to `undefined`
 * if the document has changed since, or is gone; an unconditional one to whether there was a document.
 */
export interface Protocol {
  /** Those selected that are there and not deleted. */
  connectors(selection: ConnectorSelection): Promise<readonly ConnectorDocument[]>;
  connector(id: string): Promise<ConnectorDocument | undefined>;
  changeConnector(id: string, fields: Members, expected: DocumentState): Promise<DocumentState | undefined>;
  updateConnector(id: string, fields: Members): Promise<boolean>;
  /** Jobs of these connectors (`null`: of any) that have not ended, the oldest first; at most 1,000. */
  openJobs(connectorIds: readonly string[] | null): Promise<readonly JobDocument[]>;
  /** Of these ids, those that no connector document has. */
  unknownConnectors(ids: readonly string[]): Promise<readonly string[]>;
  job(id: string): Promise<JobDocument | undefined>;
  /** Resolves to whether it was made: a job of that id is never made twice. */
  createJob(id: string, fields: Members): Promise<boolean>;
  changeJob(id: string, fields: Members, expected: DocumentState): Promise<DocumentState | undefined>;
  updateJob(id: string, fields: Members): Promise<boolean>;
}
