#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { StageError } from './core/errors.js';
import { redact } from './core/redact.js';

// Before anything else is loaded: a signal that comes meanwhile would end the process by itself.
const stop = new AbortController();
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first asks to end well, the second to end now.
    if (stop.signal.aborted) abort.abort();
    else stop.abort();
  });
}

/** What nobody has caught: the run ends as failed, with all that is open, instead of going on without a part of itself. */
const fault: { message?: string } = {};
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const said = `A part of the program has failed where nobody expected it: ${message}`;
    fault.message ??= redact(said);
    abort.abort(new StageError(said, { cause: error }));
    // Whatever waits only for a signal has to end as well.
    stop.abort();
  });
}

const { runCommandLine } = await import('./app/command-line.js');

const exitCode = await runCommandLine(
  process.argv.slice(2),
  {
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    stop: stop.signal,
    abort: abort.signal,
    pid: process.pid,
    peakRssMiB: () => peakRssKiB() / 1_024,
  },
  {
    serve: async (loaded, context) => {
      const { serveCommand } = await import('./service/serve-command.js');
      return serveCommand(loaded, context);
    },
    check: async (loaded, context) => {
      const { checkServiceCommand } = await import('./service/check-service-command.js');
      return checkServiceCommand(loaded, context);
    },
    connector: async (request, loaded, context) => {
      const { connectorCommand } = await import('./service/connector-command.js');
      return connectorCommand(request, loaded, context);
    },
  },
);

process.exitCode = fault.message !== undefined && exitCode !== 2 ? 1 : exitCode;
// Not every command has a run that fails with it.
if (fault.message !== undefined) process.stderr.write(`${fault.message}\n`);
// All that a command opens it closes, and then the process would end by itself. But should anything be left (a socket that
// somebody else's code has lost, say), it must not keep a run that has ended from ending; and while Node takes itself apart
// it listens to no signal, so that a second SIGTERM would end the process with another code than that of the run.
await Promise.all([written(process.stdout), written(process.stderr)]);
process.exit();

/** What is on its way to the terminal or a pipe has as long as it takes. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}

/** On Linux a process inherits `maxRSS` from the one that forked it; the mark of its own address space begins anew. */
function peakRssKiB(): number {
  try {
    const own = Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    if (own > 0) return own;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS;
}
