#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { runCommandLine } from './app/command-line.js';
import { StageError } from './core/errors.js';

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
const fault = { isThere: false };
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    fault.isThere = true;
    abort.abort(
      new StageError(`A part of the program has failed where nobody expected it: ${message}`, { cause: error }),
    );
  });
}

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

process.exitCode = fault.isThere && exitCode !== 2 ? 1 : exitCode;
endWithoutTheRest();

/**
 * All that a command opens it closes, and then the process ends by itself. Should anything be left (a socket that somebody
 * else's code has lost, say), it must not keep a run that has ended from ending: it gets a second, and what is on its way
 * to the terminal or a pipe as long as it takes.
 */
function endWithoutTheRest(): void {
  const timer = setInterval(() => {
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
  }, 1_000);
  timer.unref();
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
