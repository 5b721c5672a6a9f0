import type { Plan, Step } from './plan.js';

/**
 * The shortest plan found that still fails: leaves out steps, then incidents of runs, as long as that goes on failing.
 * `fails` is asked again and again, `tries` times at most.
 */
export async function shrinkPlan(plan: Plan, fails: (plan: Plan) => Promise<boolean>, tries: number): Promise<Plan> {
  let best = plan;
  let left = tries;
  const better = async (steps: readonly Step[]): Promise<boolean> => {
    if (left <= 0) return false;
    left -= 1;
    const smaller = { setup: best.setup, steps };
    if (!(await fails(smaller))) return false;
    best = smaller;
    return true;
  };
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = best.steps.length - size; at > -size; at -= size) {
      const from = Math.max(0, at);
      await better(best.steps.filter((_, index) => index < from || index >= at + size));
    }
  }
  for (let at = 0; at < best.steps.length; at += 1) {
    for (let incident = 0; ; incident += 1) {
      const step = best.steps[at];
      if (step?.kind !== 'run' || incident >= step.incidents.length) break;
      const incidents = step.incidents.filter((_, index) => index !== incident);
      if (await better(best.steps.map((other, index) => (index === at ? { ...step, incidents } : other))))
        incident -= 1;
    }
  }
  return best;
}
