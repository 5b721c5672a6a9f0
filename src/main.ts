#!/usr/bin/env node
import { runCommandLine } from './app/command-line.js';

const stop = new AbortController();
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first asks to end well, the second to end now.
    if (stop.signal.aborted) abort.abort();
    else stop.abort();
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stop: stop.signal,
  abort: abort.signal,
  pid: process.pid,
  peakRssMiB: () => process.resourceUsage().maxRSS / 1_024,
});
