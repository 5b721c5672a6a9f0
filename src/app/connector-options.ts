import { type Command, Option } from 'commander';
import type { ConnectorRequest } from './connector-request.js';

interface CreateOptions {
  readonly id?: string;
  readonly index?: string;
  readonly name?: string;
  readonly language?: string;
  readonly pipeline?: string;
  readonly fromConfig?: true;
  readonly set: readonly string[];
  readonly native?: true;
  readonly key: boolean;
  readonly keyFile?: string;
  readonly json?: true;
}

interface SyncOptions {
  readonly incremental?: true;
  readonly allowDeletes?: true;
  readonly follow?: true;
  readonly json?: true;
}

/**
 * Runs one of the commands; `command` has the options that all commands share, `overrides` are keys of the
 * configuration that the command line sets.
 */
type Run = (request: ConnectorRequest, command: Command, overrides: Readonly<Record<string, unknown>>) => Promise<void>;

/** Adds `connector` and its commands to the program. */
export function addConnectorCommands(program: Command, run: Run): void {
  const connector = program.command('connector').description('connectors of the service, without Kibana');
  const isJson = (options: { readonly json?: true }) => options.json === true;
  const json = () => new Option('--json', 'JSON on stdout, for scripts');

  connector
    .command('create')
    .description('create a connector with its index and its API key, and print the lines for config.yml')
    .option('--id <id>', 'its id (default: one is made up); a repeat with the same id resumes where it failed')
    .option('--index <name>', 'the index to attach (default: "index" of the configuration)')
    .option('--name <text>', 'its name (default: that of the index)')
    .option('--language <code>', 'its language, such as en')
    .option('--pipeline <name>', 'its ingest pipeline (default: "pipeline.name" of the configuration)')
    .option('--from-config', 'fill in its form from the "box" section of the configuration')
    .option(
      '--set <key=value>',
      'fill in one field of its form, such as is_enterprise=box_enterprise; may be repeated',
      (one: string, others: readonly string[]) => [...others, one],
      [],
    )
    .option('--native', 'as one that Elastic manages: its key is kept as a connector secret too')
    .option('--no-key', 'make no API key')
    .option('--key-file <file>', 'write the key to this new file, for its owner only, instead of printing it')
    .addOption(json())
    .action((options: CreateOptions, command: Command) => {
      const { id, index, name, language, pipeline, fromConfig, set, native, key, keyFile } = options;
      return run(
        {
          kind: 'create',
          id: id ?? null,
          name: name ?? null,
          language: language ?? null,
          fromConfig: fromConfig === true,
          set,
          native: native === true,
          key,
          keyFile: keyFile ?? null,
          json: isJson(options),
        },
        command,
        { ...(index !== undefined && { index }), ...(pipeline !== undefined && { 'pipeline.name': pipeline }) },
      );
    });

  connector
    .command('list')
    .description('all Box connectors of the cluster, a line each')
    .addOption(json())
    .action((options: { json?: true }, command: Command) => run({ kind: 'list', json: isJson(options) }, command, {}));

  connector
    .command('show')
    .description('a connector: status, errors, schedules with their next times, rules, latest jobs')
    .argument('<id>', 'its id')
    .addOption(json())
    .action((id: string, options: { json?: true }, command: Command) =>
      run({ kind: 'show', id, json: isJson(options) }, command, {}),
    );

  connector
    .command('sync')
    .description('create a job for a connector; the service that has the connector runs it')
    .argument('<id>', 'its id')
    .addOption(new Option('--full', 'compare the state with the index first (default)').conflicts('incremental'))
    .option('--incremental', 'trust the state')
    .option('--allow-deletes', 'this once, delete what has gone from Box, however much it is')
    .option('--follow', 'show how it gets on, and end when it ends')
    .addOption(json())
    .action((id: string, options: SyncOptions, command: Command) =>
      run(
        {
          kind: 'sync',
          id,
          type: options.incremental === true ? 'incremental' : 'full',
          allowDeletes: options.allowDeletes === true,
          follow: options.follow === true,
          json: isJson(options),
        },
        command,
        {},
      ),
    );

  connector
    .command('cancel')
    .description('cancel the jobs of a connector that wait or run, and wait until they have ended')
    .argument('<id>', 'its id')
    .addOption(json())
    .action((id: string, options: { json?: true }, command: Command) =>
      run({ kind: 'cancel', id, json: isJson(options) }, command, {}),
    );

  connector
    .command('rules')
    .description('the sync rules of a connector, the draft too, and what is wrong with them')
    .argument('<id>', 'its id')
    .option('--set <file>', 'put the rules of this file (YAML or JSON) in their place, if they are valid')
    .addOption(json())
    .action((id: string, options: { set?: string; json?: true }, command: Command) =>
      run({ kind: 'rules', id, set: options.set ?? null, json: isJson(options) }, command, {}),
    );
}
