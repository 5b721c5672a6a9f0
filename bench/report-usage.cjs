// Loaded into the measured process (`node --require`): at its end, writes to the file BENCH_USAGE_FILE what it has used.
// It asks from within since only the process itself knows, on every platform, its own CPU time to the last moment.
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { readFileSync, writeFileSync } = require('node:fs');

const requests = 'http.client.request.start';
let firstCallAt = null;
const onRequest = ({ request }) => {
  if (String(request.getHeader('host')) !== process.env.BENCH_BOX_HOST) return;
  firstCallAt = performance.timeOrigin + performance.now();
  unsubscribe(requests, onRequest);
};
subscribe(requests, onRequest);

process.once('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = {
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    // After a fork Linux's `maxRSS` starts at what the parent had; the high-water mark of the address space does not.
    peakRssMiB: (highWaterKiB() ?? maxRSS) / 1024,
    firstCallAt,
    endedAt: performance.timeOrigin + performance.now(),
  };
  writeFileSync(process.env.BENCH_USAGE_FILE, JSON.stringify(usage));
});

function highWaterKiB() {
  try {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? NaN) || undefined;
  } catch {
    return undefined;
  }
}
