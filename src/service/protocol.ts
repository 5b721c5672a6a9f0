import type { ConnectorDocument, ConnectorFacts, DocumentState } from './connector-document.js';
import type { JobDocument, JobFacts } from './job-document.js';
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
  /** Connectors of a type that are not deleted, native ones too, in the order of their ids; at most `most`, and 1,000. */
  listConnectors(serviceType: string, most: number): Promise<readonly ConnectorFacts[]>;
  /** Resolves to the id, which is made up for `null`; to `undefined` if there is (or was) one of that id. */
  createConnector(id: string | null, fields: Members): Promise<string | undefined>;
  changeConnector(id: string, fields: Members, expected: DocumentState): Promise<DocumentState | undefined>;
  updateConnector(id: string, fields: Members): Promise<boolean>;
  /** Jobs of these connectors (`null`: of any) that have not ended, the oldest first; at most 1,000. */
  openJobs(connectorIds: readonly string[] | null): Promise<readonly JobDocument[]>;
  /** Jobs of a connector, ended or not, the newest first; at most `most`, and 1,000. */
  jobsOf(connectorId: string, most: number): Promise<readonly JobFacts[]>;
  /** Of these ids, those that no connector document has, also none that was made a moment ago. */
  unknownConnectors(ids: readonly string[]): Promise<readonly string[]>;
  job(id: string): Promise<JobDocument | undefined>;
  /** Resolves to whether it was made: a job of that id is never made twice. */
  createJob(id: string, fields: Members): Promise<boolean>;
  changeJob(id: string, fields: Members, expected: DocumentState): Promise<DocumentState | undefined>;
  updateJob(id: string, fields: Members): Promise<boolean>;
  /**
   * Asks for the end of a job: one that waits is `canceled` at once, one that runs is `canceling` until its process has
   * seen it. Resolves to its status from now on; one that has ended stays as it is. `undefined`: there is no such job.
   */
  cancelJob(id: string): Promise<string | undefined>;
}
