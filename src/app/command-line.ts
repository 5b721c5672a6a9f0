import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { type LoadedConfig, loadConfig } from '../config/load-config.js';
import { nearestKey } from '../config/nearest-key.js';
import type { Purpose } from '../config/check-config.js';
import { AbortedError, ConfigError, ConnectorError } from '../core/errors.js';
import { printable } from '../core/printable.js';
import { redact } from '../core/redact.js';
import { parseSyncRules } from '../operators/sync-rules/parse-sync-rules.js';
import type { CommandContext, Surroundings } from './command-context.js';
import { addConnectorCommands } from './connector-options.js';
import type { ConnectorCommand } from './connector-request.js';
import { exitCodes } from './exit-codes.js';
import { type Log, makeLog } from './log.js';
import type { StateChoice } from './looked-at-state.js';
import { version } from './version.js';
import { messageOf } from '../core/message-of.js';

interface GlobalOptions {
  readonly config?: string;
  readonly logLevel?: string;
}

const ofConnector = 'that of a connector of the service, instead of one-shot runs';

/** Runs the connector service of a configuration until the process is asked to end. Resolves to the exit code. */
export type Serve = (loaded: LoadedConfig, context: CommandContext) => Promise<number>;

/** What is handed in: the service is built upon the commands' parts, and they know nothing of it. */
export interface Service {
  readonly serve: Serve;
  /** `check` where the configuration is that of the service. */
  readonly check: Serve;
  readonly connector: ConnectorCommand;
}

/** Parses the arguments, loads the configuration, runs the command. Resolves to the exit code; never rejects. */
export async function runCommandLine(
  args: readonly string[],
  around: Surroundings,
  { serve, check, connector }: Service,
): Promise<number> {
  let exitCode: number = exitCodes.complete;
  const say = (line: string) => void around.stdout.write(`${printable(line)}\n`);
  let log = makeLogFor(around, 'info');

  /** Wraps a command: configuration first, then the log, then the work. */
  const withConfig =
    <O>(
      purpose: Purpose | ((options: O) => Purpose),
      work: (loaded: LoadedConfig, context: CommandContext, options: O) => number | Promise<number>,
      overrides: Readonly<Record<string, unknown>> = {},
    ) =>
    async (...given: unknown[]): Promise<void> => {
      const command = given.at(-1) as Command;
      const globals: GlobalOptions = command.optsWithGlobals();
      const options = given.at(-2) as O;
      const loaded = load(globals, typeof purpose === 'string' ? purpose : purpose(options), around.env, overrides);
      log = makeLogFor(around, globals.logLevel ?? loaded.config.log.level);
      for (const warning of loaded.warnings) log.warn(warning);
      exitCode = await work(loaded, { ...around, log, version, say }, options);
    };

  const program = new Command('box-connector')
    .description('Keeps an Elasticsearch index equal to what lives in Box.')
    .version(version)
    .option('-c, --config <file>', 'configuration, YAML or JSON')
    .addOption(
      new Option('--log-level <level>', 'what is logged: this and everything more severe').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .exitOverride()
    .configureOutput({ writeOut: (text) => around.stdout.write(text), writeErr: (text) => around.stderr.write(text) })
    .allowExcessArguments()
    .action(async (options: object, command: Command) => {
      const [unknown] = command.args;
      if (unknown !== undefined) throw unknownCommand(unknown, command);
      const run = withConfig('either', async (loaded, context) => {
        if (loaded.mode === 'service') return serve(loaded, context);
        const { syncCommand } = await import('./sync-command.js');
        return syncCommand(loaded, context, {});
      });
      await run(options, command);
    });

  program
    .command('sync')
    .description('one run, then exit')
    .addOption(new Option('--full', 'compare the state with the index first').conflicts('incremental'))
    .option('--incremental', 'trust the state (default)')
    .option('--rewrite', 'with --full: do everything again')
    .option('--dry-run', 'write what would be sent to stdout, and nothing else anywhere')
    .option('--allow-deletes', 'delete what has gone from Box, however much it is')
    .addOption(new Option('--record <dir>', 'keep all exchanges with Box').conflicts('replay'))
    .option('--replay <dir>', 'use kept exchanges instead of Box')
    .action(
      withConfig<{ readonly replay?: string }>(syncPurpose, async (loaded, context, options) => {
        const { syncCommand } = await import('./sync-command.js');
        return syncCommand(loaded, context, options);
      }),
    );

  program
    .command('serve')
    .description('the connector service that Kibana steers, until it is stopped')
    .action(withConfig('service', serve));

  program
    .command('check')
    .description('try the configuration, the sign-ins and the rights, and say what is wrong')
    .action(
      withConfig('either', async (loaded, context) => {
        if (loaded.mode === 'service') return check(loaded, context);
        const { checkCommand } = await import('./check-command.js');
        return checkCommand(loaded, context);
      }),
    );

  program
    .command('login')
    .description('sign in to Box in a browser (box_free) and keep the tokens')
    .option('--port <port>', 'port of the redirect address http://127.0.0.1:PORT/callback', wholeNumber, 8_799)
    .option('--print', 'print the refresh token, for the form in Kibana, and keep nothing')
    .action(
      withConfig('login', async (loaded, context, options: { port: number; print?: boolean }) => {
        const { loginCommand } = await import('./login-command.js');
        return loginCommand(loaded, context, options);
      }),
    );

  program
    .command('status')
    .description('what the state says: runs, counts, what could not be read')
    .option('--connector <id>', ofConnector)
    .action(
      withConfig('nothing', async (loaded, context, options: StateChoice) => {
        const { statusCommand } = await import('./status-command.js');
        return statusCommand(loaded, context, options);
      }),
    );

  program
    .command('health')
    .description('ask the service that runs with this configuration whether it is alive')
    .action(
      withConfig('nothing', async (loaded, context) => {
        const { healthCommand } = await import('./health-command.js');
        return healthCommand(loaded, context);
      }),
    );

  const deadLetters = program.command('dead-letters').description('documents that were rejected');
  deadLetters
    .command('list')
    .description('list them with their reasons')
    .option('--limit <count>', 'how many', wholeNumber, 100)
    .option('--connector <id>', ofConnector)
    .action(
      withConfig('nothing', async (loaded, context, options: StateChoice & { limit: number }) => {
        const { listDeadLettersCommand } = await import('./list-dead-letters-command.js');
        return listDeadLettersCommand(loaded, context, options);
      }),
    );
  deadLetters
    .command('retry')
    .description('try them again now, instead of in the next run')
    .option('--limit <count>', 'how many, the latest first', wholeNumber, 1_000)
    .action(
      withConfig('sync', async (loaded, context, options: { limit: number }) => {
        const { retryDeadLettersCommand } = await import('./retry-dead-letters-command.js');
        return retryDeadLettersCommand(loaded, context, options);
      }),
    );

  program
    .command('retry-texts')
    .description('have the next run try the texts again that were given up')
    .option('--connector <id>', ofConnector)
    .action(
      withConfig('nothing', async (loaded, context, options: StateChoice) => {
        const { retryTextsCommand } = await import('./retry-texts-command.js');
        return retryTextsCommand(loaded, context, options);
      }),
    );

  addConnectorCommands(program, (request, command, overrides) =>
    withConfig('nothing', (loaded, context) => connector(request, loaded, context), overrides)({}, command),
  );

  program
    .command('search')
    .description('look into the local index')
    .argument('<text...>', 'what to look for')
    .option('--limit <count>', 'how many hits', wholeNumber, 10)
    .action(async (words: string[], options: { limit: number }, command: Command) => {
      const run = withConfig('nothing', async (loaded, context) => {
        const { searchCommand } = await import('./search-command.js');
        return searchCommand(loaded, context, { ...options, text: words.join(' ') });
      });
      await run(options, command);
    });

  program
    .command('simulate')
    .description('a Box on loopback, for trying things out')
    .option('--port <port>', 'port to listen on; 0: any free one', wholeNumber, 8_321)
    .option('--preset <name>', 'which tree it has', 'demo')
    .action(async (options: { port: number; preset: string }) => {
      const { simulateCommand } = await import('./simulate-command.js');
      exitCode = await simulateCommand({ ...around, say }, options);
    });

  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, around, log);
  }
}

function load(
  globals: GlobalOptions,
  purpose: Purpose,
  env: Surroundings['env'],
  overrides: Readonly<Record<string, unknown>>,
): LoadedConfig {
  return loadConfig(
    {
      env,
      readText: (path) => readFileSync(path, 'utf8'),
      checkSyncRules: (rules) => {
        const parsed = parseSyncRules(rules);
        return 'problems' in parsed ? parsed.problems.flatMap(({ messages }) => messages) : [];
      },
    },
    { path: globals.config, purpose, overrides },
  );
}

function makeLogFor({ stderr }: Surroundings, level: string): Log {
  return makeLog({ level, readable: stderr.isTTY === true, version }, stderr);
}

/** Recorded exchanges need no sign-in to Box. */
function syncPurpose({ replay }: { readonly replay?: string }): Purpose {
  return replay === undefined ? 'sync' : 'replay';
}

/** Says what went wrong, once and in words; the stack only for those who debug. */
function report(error: unknown, { stderr, stop }: Surroundings, log: Log): number {
  if (error instanceof CommanderError) {
    // Help and version are no errors; commander has already written what there is to say.
    return error.exitCode === 0 ? exitCodes.complete : exitCodes.configuration;
  }
  if (error instanceof ConfigError) {
    for (const problem of error.problems) stderr.write(`${printableLines(problem)}\n`);
    return exitCodes.configuration;
  }
  // Asked to end before there was anything to put away.
  if (error instanceof AbortedError && stop.aborted) return exitCodes.interrupted;
  const expected = error instanceof ConnectorError;
  const message = redact(messageOf(error));
  const said = expected ? message : `Unexpected error: ${message}. With --log-level debug the log says where`;
  stderr.write(`${printableLines(said)}\n`);
  log.debug(error, 'Failed');
  return exitCodes.failed;
}

function unknownCommand(given: string, { commands }: Command): ConfigError {
  const names = commands.map((command) => command.name());
  const near = nearestKey(given, names);
  const advice = near === undefined ? '' : `, did you mean "${near}"?`;
  return new ConfigError([`Cannot run "${given}": unknown command, expected one of ${names.join(', ')}${advice}`]);
}

/** A message may have several lines; names in it may be anybody's. */
function printableLines(message: string): string {
  return message.split('\n').map(printable).join('\n');
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}
