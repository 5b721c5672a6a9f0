import type { ConnectorTools } from '../../src/service/connector-tools.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { MemoryProtocol } from './memory-protocol.js';
import { quietLog } from './quiet-log.js';

type Tools = Omit<ConnectorTools, 'client'>;

export interface ToolsRig {
  readonly tools: Tools;
  readonly protocol: MemoryProtocol;
  readonly clock: VirtualClock;
  readonly said: string[];
  readonly text: () => string;
  readonly stopping: AbortController;
}

/** The connector commands on documents in memory, in virtual time. */
export function toolsRig(): ToolsRig {
  const protocol = new MemoryProtocol();
  const clock = new VirtualClock(Date.parse('2026-03-01T12:00:00Z'));
  const said: string[] = [];
  const stopping = new AbortController();
  const { log, text } = quietLog();
  const tools: Tools = {
    protocol,
    clock,
    random: () => 0.5,
    log,
    say: (line) => void said.push(line),
    config: loadTestConfig().config,
    newId: () => 'job-1',
    stop: stopping.signal,
  };
  return { tools, protocol, clock, said, text, stopping };
}
