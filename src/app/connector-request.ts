import type { LoadedConfig } from '../config/load-config.js';
import type { CommandContext } from './command-context.js';

/** One of the `connector` commands, as it was asked for on the command line. */
export type ConnectorRequest =
  | CreateRequest
  | { readonly kind: 'list'; readonly json: boolean }
  | { readonly kind: 'show'; readonly id: string; readonly json: boolean }
  | SyncRequest
  | { readonly kind: 'cancel'; readonly id: string; readonly json: boolean }
  | RulesRequest;

/** The index and the ingest pipeline are in the configuration, where the command line overrides them. */
export interface CreateRequest {
  readonly kind: 'create';
  /** `null`: one is made up. */
  readonly id: string | null;
  readonly name: string | null;
  readonly language: string | null;
  /** Fill in the form from the `box` section. */
  readonly fromConfig: boolean;
  /** Fields of the form, `KEY=VALUE`. */
  readonly set: readonly string[];
  readonly native: boolean;
  /** Make an API key. */
  readonly key: boolean;
  /** Where to write the key instead of printing it. */
  readonly keyFile: string | null;
  readonly json: boolean;
}

export interface SyncRequest {
  readonly kind: 'sync';
  readonly id: string;
  readonly type: 'full' | 'incremental';
  readonly allowDeletes: boolean;
  /** Wait for its end. */
  readonly follow: boolean;
  readonly json: boolean;
}

export interface RulesRequest {
  readonly kind: 'rules';
  readonly id: string;
  /** The file with the rules that are to be active; `null`: only show them. */
  readonly set: string | null;
  readonly json: boolean;
}

/** Does what is asked for. Resolves to the exit code. */
export type ConnectorCommand = (
  request: ConnectorRequest,
  loaded: LoadedConfig,
  context: CommandContext,
) => Promise<number>;
