import { connectorStatePath } from '../app/connector-state-path.js';
import { PermanentError } from '../core/errors.js';
import { withConnectorState } from './connector-state.js';
import { members } from './json-members.js';
import type { KnownSchedules } from './schedule/timetable.js';
import type { ServiceDeps } from './service-deps.js';

/** The fact in a state that says which schedules were looked at last. */
const schedulesFact = 'service.schedules';

/** Which schedules of a connector somebody has looked at, kept with its state, since the document does not say when they were changed. */
export interface ScheduleMemory {
  /**
   * Keeps these, and resolves to those that were kept before; `before` is `null` if there were none. `undefined`, and
   * nothing is kept, while another process or a job is at work on the state, or it cannot be used: the next job says
   * why.
   */
  swap(schedules: KnownSchedules): Promise<{ readonly before: KnownSchedules | null } | undefined>;
}

export function scheduleMemory(
  { config, holder, log }: Pick<ServiceDeps, 'config' | 'holder' | 'log'>,
  connectorId: string,
): ScheduleMemory {
  const path = connectorStatePath(config, connectorId);
  return {
    async swap({ full, incremental }) {
      try {
        return await withConnectorState(path, { holder, log }, ({ facts }) => {
          const found = facts.get(schedulesFact);
          const now = JSON.stringify({ full, incremental });
          if (found !== now) facts.set(schedulesFact, now);
          return Promise.resolve({ before: found === undefined ? null : schedulesIn(found) });
        });
      } catch (error) {
        if (error instanceof PermanentError) return undefined;
        throw error;
      }
    },
  };
}

function schedulesIn(text: string): KnownSchedules {
  const kept = members.of(JSON.parse(text));
  return { full: members.text(kept['full']), incremental: members.text(kept['incremental']) };
}
