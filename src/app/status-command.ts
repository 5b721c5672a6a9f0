import type { LoadedConfig } from '../config/load-config.js';
import { sqliteStore } from '../state/sqlite-store.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';
import { type StateChoice, lookedAtState } from './looked-at-state.js';
import { stateExists } from './state-exists.js';

/** Prints what the state says of the last runs; reads beside a running process. */
export function statusCommand({ config }: LoadedConfig, { say }: CommandContext, choice: StateChoice): number {
  const path = lookedAtState(config, choice);
  if (!stateExists(path)) {
    say(`No run yet: "${path}" does not exist`);
    return exitCodes.complete;
  }
  const store = sqliteStore(path);
  try {
    const { catalogue, runs, frontier, deadLetters, contentTries } = store;
    say(`State        ${path}`);
    say(`Items        ${catalogue.count()} known, ${catalogue.indexed()} indexed`);
    say(`Dead letters ${deadLetters.count()}`);
    const givenUp = contentTries.givenUp();
    if (givenUp > 0) say(`Texts        ${givenUp} given up; "retry-texts" has them tried again`);
    if (frontier.remaining() > 0) say(`Folders      ${frontier.remaining()} still to be listed`);
    for (const run of runs.list(5)) {
      const { report } = run;
      const counts =
        report === null
          ? ''
          : `: ${report.listed} listed, ${report.written} written, ${report.unchanged} unchanged, ${report.filtered} filtered, ${report.rejected} rejected, ${report.deleted} deleted, ${report.deletesHeld} deletes held`;
      say(`Run ${run.id}  ${new Date(run.startedAt).toISOString()}  ${run.kind}  ${run.state}${counts}`);
      for (const { type, id, path: where, reason } of report?.unread ?? []) {
        say(`  not read: ${type} ${id} ${JSON.stringify(where)}: ${reason}`);
      }
    }
    return exitCodes.complete;
  } finally {
    store.close();
  }
}
