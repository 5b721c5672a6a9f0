import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A simulated Box in a process of its own, so that its CPU time and memory are not the connector's. */
export interface SimulatedBox {
  readonly url: string;
  /** Requests since the last `reset`, by route. */
  calls(): Promise<Readonly<Record<string, number>>>;
  reset(): Promise<void>;
  /** The least that a complete walk must ask for: sign-in, pages of users, listings; without contents. */
  leastCalls(): Promise<number>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** `preset` as `simulate --preset` takes it, such as `bench:200x100`. */
export async function startSimulatedBox(preset: string): Promise<SimulatedBox> {
  const child = spawn(
    process.execPath,
    [program, '--log-level', 'warn', 'simulate', '--port', '0', '--preset', preset],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`Cannot start the simulator: it ended with exit code ${code ?? ''}`)),
    );
    createInterface({ input: child.stdout }).once('line', (line) => resolve((JSON.parse(line) as { url: string }).url));
  });
  const ask = async <T>(method: string, path: string): Promise<T> => {
    const answer = await fetch(`${url}/_simulator/${path}`, { method });
    if (!answer.ok) throw new Error(`Cannot ask the simulator for ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    url,
    calls: async () => (await ask<{ byRoute: Record<string, number> }>('GET', 'calls')).byRoute,
    async reset() {
      await ask('DELETE', 'calls');
    },
    async leastCalls() {
      const [listings, users] = await Promise.all([
        ask<number>('POST', 'box/leastListingCalls'),
        ask<readonly unknown[]>('GET', 'users'),
      ]);
      return 1 + Math.max(1, Math.ceil(users.length / 1_000)) + listings;
    },
    async stop() {
      process.off('exit', endWithUs);
      child.kill('SIGTERM');
      await ended;
    },
  };
}
