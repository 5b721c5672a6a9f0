import { ConfigError } from '../core/errors.js';
import { type Preset, presetNamed } from '../simulator/presets.js';
import { type Simulator, startSimulator } from '../simulator/simulator.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';
import { messageOf } from '../core/message-of.js';

/** Runs the simulator until the process is asked to end; prints where it is as one line of JSON. */
export async function simulateCommand(
  { say, stop }: Pick<CommandContext, 'say' | 'stop'>,
  { port, preset }: { readonly port: number; readonly preset: string },
): Promise<number> {
  const simulator = await start(presetOf(preset), port);
  say(JSON.stringify({ url: simulator.url, preset, credentials: simulator.credentials }));
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  await simulator.close();
  return exitCodes.complete;
}

function presetOf(name: string): Preset {
  try {
    return presetNamed(name);
  } catch (error) {
    throw new ConfigError([`${messageOf(error)}. Choose one with --preset`], { cause: error });
  }
}

async function start(tree: Preset, port: number): Promise<Simulator> {
  try {
    return await startSimulator({ tree, port, clientId: 'demo', clientSecret: 'demo-secret', enterpriseId: '1' });
  } catch (error) {
    throw new ConfigError(
      [`Cannot listen on port ${port}: ${messageOf(error)}, expected a free port. Choose another with --port; 0: any`],
      { cause: error },
    );
  }
}
