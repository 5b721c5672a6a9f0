import type { Client } from '@elastic/elasticsearch';
import { AuthError, PermanentError } from '../core/errors.js';
import { elasticsearchError } from './elasticsearch-error.js';
import { probePipeline } from './pipeline-probe.js';
import { messageOf } from '../core/message-of.js';

/** One thing that was looked at. `ok` with an `advice` is a warning. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  readonly advice: string | null;
}

export interface CheckElasticsearchOptions {
  readonly index: string;
  /** `null`: documents go through none. */
  readonly pipeline: string | null;
}

/** What the connector needs on its index; nothing else is needed, but `monitor` on the cluster. */
export const neededPrivileges = [
  'read',
  'write',
  'create_index',
  'view_index_metadata',
  'maintenance',
  'monitor',
  'manage',
] as const;

const supportedMajors = ['8', '9'];

/**
 * Looks at connection, sign-in, version, privileges and the ingest pipeline, in this order, and says each in words. Ends
 * early where the rest cannot be known. Writes nothing.
 */
export async function checkElasticsearch(
  client: Client,
  { index, pipeline }: CheckElasticsearchOptions,
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  const signals = { ...(signal && { signal }) };
  const findings: Finding[] = [];
  try {
    const info = await client.transport.request<{ version?: { number?: string } }>(
      { method: 'GET', path: '/' },
      signals,
    );
    findings.push(versionFinding(info.version?.number ?? 'unknown'));
  } catch (error) {
    const status = statusOf(error);
    if (status !== 403 && status !== 405) return [connectionFinding(elasticsearchError(error, 'reach it', index))];
    findings.push({
      what: 'Elasticsearch version',
      ok: true,
      found: `GET / is refused (${status})`,
      advice: 'Its version is not known. Give the key "monitor" on the cluster to have it checked',
    });
  }

  try {
    findings.push(await privileges(client, index, signals));
  } catch (error) {
    const failure = elasticsearchError(error, 'ask for the privileges', index);
    if (failure instanceof AuthError && statusOf(error) === 401) return [...findings, connectionFinding(failure)];
    findings.push({
      what: 'Elasticsearch privileges',
      ok: true,
      found: failure.message,
      advice: `They are not known. Needed on the index "${index}": ${neededPrivileges.join(', ')}`,
    });
  }

  if (pipeline !== null) findings.push(await pipelineFinding(client, { index, pipeline }, signal));
  return findings;
}

function versionFinding(version: string): Finding {
  const ok = supportedMajors.includes(version.split('.')[0] ?? '');
  return {
    what: 'Elasticsearch connection, sign-in and version',
    ok,
    found: `signed in, version ${version}`,
    advice: ok ? null : `Expected version ${supportedMajors.join(' or ')}. Use such a cluster`,
  };
}

function connectionFinding(error: Error): Finding {
  return {
    what: error instanceof AuthError ? 'Elasticsearch sign-in' : 'Elasticsearch connection',
    ok: false,
    found: error.message,
    advice:
      error instanceof AuthError
        ? 'Set "elasticsearch.api_key" to a key that is valid now'
        : 'Check "elasticsearch.host", "elasticsearch.ca_certs" and that Elasticsearch runs',
  };
}

async function privileges(client: Client, index: string, signals: { signal?: AbortSignal }): Promise<Finding> {
  const answer = await client.transport.request<{
    cluster?: Record<string, boolean>;
    index?: Record<string, Record<string, boolean>>;
  }>(
    {
      method: 'POST',
      path: '/_security/user/_has_privileges',
      body: { cluster: ['monitor'], index: [{ names: [index], privileges: neededPrivileges }] },
    },
    signals,
  );
  const granted = answer.index?.[index] ?? {};
  const lacking = neededPrivileges.filter((privilege) => granted[privilege] !== true);
  const what = `Elasticsearch privileges on the index "${index}"`;
  if (lacking.length > 0) {
    return {
      what,
      ok: false,
      found: `${lacking.join(', ')} not granted`,
      advice: `Give the key or user these privileges on the index "${index}": ${lacking.join(', ')}`,
    };
  }
  if (answer.cluster?.['monitor'] === true) return { what, ok: true, found: 'all granted', advice: null };
  return {
    what,
    ok: true,
    found: 'all granted; "monitor" on the cluster is not',
    advice: 'Give it to have the version of Elasticsearch checked',
  };
}

async function pipelineFinding(
  client: Client,
  options: { readonly index: string; readonly pipeline: string },
  signal?: AbortSignal,
): Promise<Finding> {
  const what = `Ingest pipeline "${options.pipeline}"`;
  try {
    await probePipeline(client, options, signal);
    return { what, ok: true, found: 'it exists', advice: null };
  } catch (error) {
    if (error instanceof PermanentError || error instanceof AuthError) {
      return { what, ok: false, found: error.message, advice: null };
    }
    const found = messageOf(error);
    return { what, ok: false, found, advice: 'Try again' };
  }
}

/** Of the client's error, if Elasticsearch answered. */
function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
