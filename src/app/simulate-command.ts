import { ConfigError } from '../core/errors.js';
import { type Preset, presetNamed } from '../simulator/presets.js';
import { startSimulator } from '../simulator/simulator.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';

/** Runs the simulator until the process is asked to end; prints where it is as one line of JSON. */
export async function simulateCommand(
  { say, stop }: CommandContext,
  { port, preset }: { readonly port: number; readonly preset: string },
): Promise<number> {
  const simulator = await startSimulator({
    tree: treeOf(preset),
    port,
    clientId: 'demo',
    clientSecret: 'demo-secret',
    enterpriseId: '1',
  });
  say(JSON.stringify({ url: simulator.url, preset, credentials: simulator.credentials }));
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  await simulator.close();
  return exitCodes.complete;
}

function treeOf(preset: string): Preset {
  try {
    return presetNamed(preset);
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError([error.message], { cause: error });
    throw error;
  }
}
