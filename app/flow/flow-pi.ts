import type { FlowNews, PiChoice, PiWork } from './flow-event.ts';
import type { FlowPi, FlowPiStep, FlowState } from './flow-state.ts';
import { stay, type FlowStep } from './flow-step.ts';

type PiEvent = PiChoice | Extract<FlowNews, { type: 'pi-started' | 'pi-refused' }>;

/** True while work on the Pi runs, or is about to. */
export function isChangingPi({ stage, pi, trouble }: FlowState): boolean {
  return stage === 'pi' && pi !== null && pi.step !== 'plan' && trouble === null;
}

/** A Pi that was chosen, before its plan was shown. */
export function newFlowPi({ piId, name }: Pick<FlowPi, 'piId' | 'name'>): FlowPi {
  return { piId, name, step: 'plan', jobId: null, goal: null, confirmedIdle: false, proofs: [] };
}

/** The part of `flowAfter` about the Pi. */
export function piAfter(state: FlowState, event: PiEvent): FlowStep {
  if (state.stage !== 'pi') return stay(state);
  const { pi } = state;
  switch (event.type) {
    case 'pi-started':
      return isChangingPi(state) && pi !== null
        ? stay({ ...state, pi: { ...pi, jobId: event.jobId } })
        : stay(state);
    case 'pi-refused':
      return isChangingPi(state) ? stay({ ...state, trouble: event.trouble }) : stay(state);
    case 'skip-pi':
      return isChangingPi(state) ? stay(state) : stay({ ...state, stage: 'done', pi: null, trouble: null });
    case 'choose-pi': {
      if (isChangingPi(state)) return stay(state);
      return stay({ ...state, pi: newFlowPi(event), trouble: null });
    }
    case 'leave-pi':
      return isChangingPi(state) ? stay(state) : stay({ ...state, pi: null, trouble: null });
    case 'apply-pi': {
      const { planId, goal, confirmedIdle } = event;
      return begin(state, 'apply', { kind: 'apply', planId, confirmedIdle }, { goal });
    }
    case 'prove-pi': {
      const { goal, confirmedIdle } = event;
      return begin(state, 'prove', { kind: 'prove', goal, confirmedIdle }, { goal });
    }
    case 'settle-pi': {
      const { undo, confirmedIdle } = event;
      const work: PiWork =
        undo === null ? { kind: 'resume', confirmedIdle } : { kind: 'undo', changeId: undo, confirmedIdle };
      return begin(state, 'settle', work);
    }
  }
}

/** Starts work on the Pi, from the plan that a person sees or after trouble. */
function begin(state: FlowState, step: FlowPiStep, work: PiWork, change: Partial<FlowPi> = {}): FlowStep {
  const { pi } = state;
  if (pi === null || isChangingPi(state)) return stay(state);
  const { confirmedIdle } = work;
  return {
    state: {
      ...state,
      trouble: null,
      pi: { ...pi, ...change, step, confirmedIdle, jobId: null, proofs: [] },
    },
    effects: [{ type: 'start-pi', piId: pi.piId, work }],
  };
}

/** A proof is tried again; after a failed change, the plan shows what is left of it. */
export function retryPi(state: FlowState): FlowStep {
  const { pi } = state;
  if (pi?.step === 'prove' && pi.goal !== null) {
    const { goal, confirmedIdle } = pi;
    return begin(state, 'prove', { kind: 'prove', goal, confirmedIdle });
  }
  const planned = pi === null ? null : ({ ...pi, step: 'plan', jobId: null } as const);
  return stay({ ...state, trouble: null, pi: planned });
}

/** Applied is followed by proven, settled by a new plan, proven by the end. */
export function followPiJob(state: FlowState, event: Extract<FlowNews, { type: 'job' }>): FlowStep {
  const { pi } = state;
  if (pi === null || pi.jobId !== event.jobId || !isChangingPi(state)) return stay(state);
  const told: FlowState =
    pi.step === 'prove' && event.proofs !== pi.proofs
      ? { ...state, pi: { ...pi, proofs: event.proofs } }
      : state;
  if (event.status === 'failed' || event.status === 'cancelled') {
    return event.trouble === null ? stay(told) : stay({ ...told, trouble: event.trouble });
  }
  if (event.status !== 'done') return stay(told);
  if (pi.step === 'prove') return stay({ ...told, stage: 'done' });
  const looking: FlowState = { ...state, pi: { ...pi, step: 'plan', jobId: null } };
  if (pi.step === 'settle' || pi.goal === null) return stay(looking);
  const { goal, confirmedIdle } = pi;
  return begin(looking, 'prove', { kind: 'prove', goal, confirmedIdle });
}

/** After a restart of the station: work on the Pi has ended. */
export function resumePi(state: FlowState): FlowState {
  const { pi } = state;
  if (pi === null || !isChangingPi(state)) return state;
  const message = `The station was closed while ${pi.name} was being ${pi.step === 'prove' ? 'checked' : 'changed'}.`;
  const left = pi.step === 'prove' ? 'pi-applied' : 'pi-unknown';
  return {
    ...state,
    pi: { ...pi, jobId: null },
    trouble: { code: 'flow/interrupted', message, state: left },
  };
}
