import { connectorStatePath } from '../app/connector-state-path.js';
import { withConnectorState } from './connector-state.js';
import { members } from './json-members.js';
import type { KnownSchedules } from './schedule/timetable.js';
import type { ServiceDeps } from './service-deps.js';

/** The fact in a state that says which schedules were looked at last. */
const schedulesFact = 'service.schedules';

/** Which schedules of a connector somebody has looked at, kept with its state, since the document does not say when they were changed. */
export interface ScheduleMemory {
  /** `null`: nothing is known, or another process is at work on the state. */
  recall(): Promise<KnownSchedules | null>;
  /** Resolves to whether it is kept: not while somebody is at work on the state. */
  keep(schedules: KnownSchedules): Promise<boolean>;
}

export function scheduleMemory(
  { config, holder }: Pick<ServiceDeps, 'config' | 'holder'>,
  connectorId: string,
): ScheduleMemory {
  const path = connectorStatePath(config, connectorId);
  return {
    async recall() {
      const text = await withConnectorState(path, holder, (store) => Promise.resolve(store.facts.get(schedulesFact)));
      if (text === undefined) return null;
      const kept = members.of(JSON.parse(text));
      return { full: members.text(kept['full']), incremental: members.text(kept['incremental']) };
    },
    async keep({ full, incremental }) {
      const kept = await withConnectorState(path, holder, (store) => {
        store.facts.set(schedulesFact, JSON.stringify({ full, incremental }));
        return Promise.resolve(true);
      });
      return kept ?? false;
    },
  };
}
