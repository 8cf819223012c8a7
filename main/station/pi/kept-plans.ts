import { CanopusError } from '../../../app/errors.ts';
import type { PiPlan } from '../../../app/pi/plan-types.ts';

/** How many plans can still be applied. */
const most = 30;

/** The plans that were shown last, so that exactly what was shown is applied. */
export class KeptPlans<Plan = PiPlan> {
  readonly #plans = new Map<string, { readonly piId: string; readonly plan: Plan }>();
  #count = 0;

  /** Returns the id of the plan. */
  keep(piId: string, plan: Plan): string {
    this.#count += 1;
    const planId = `${Date.now().toString(36)}-${this.#count}`;
    this.#plans.set(planId, { piId, plan });
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > most && oldest !== undefined) this.#plans.delete(oldest);
    return planId;
  }

  /** The plan of that id for that Pi. Throws `pi/plan-unknown`. */
  get(piId: string, planId: string): Plan {
    const kept = this.#plans.get(planId);
    if (kept?.piId === piId) return kept.plan;
    throw new CanopusError('pi/plan-unknown', 'The plan to apply is no longer known.', { planId });
  }
}
