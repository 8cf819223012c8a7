import type { StationInput } from '../../../app/contract/station-contract.ts';
import type { ApplyReport } from '../../../app/pi/apply.ts';
import type { ChangeConsent, PiSession } from '../../../app/pi/pi-session.ts';
import type { JobContext, JobList, NewJob } from '../../jobs/job-list.ts';
import type { KeptPlans } from './kept-plans.ts';
import type { PiLink } from './pi-link.ts';

type PiEvent = Parameters<JobContext['emit']>[0];
type Report = Awaited<ReturnType<NewJob['run']>>;

/** Starts work on a Pi as jobs; those on one Pi run one after the other. */
export class PiJobs {
  readonly #jobs: JobList;
  readonly #plans: KeptPlans;
  readonly #link: (id: string) => PiLink;

  /** `link` throws `pi/unknown`. */
  constructor(jobs: JobList, plans: KeptPlans, link: (id: string) => PiLink) {
    this.#jobs = jobs;
    this.#plans = plans;
    this.#link = link;
  }

  /** Throws `pi/plan-unknown`. */
  apply({ id, planId, confirmedIdle }: StationInput<'pi.apply'>): { jobId: string } {
    const plan = this.#plans.get(id, planId);
    const begin = (session: PiSession, consent: ChangeConsent) => session.apply(plan, consent);
    return this.#start(id, 'pi-apply', confirmedIdle, begin, changeReport);
  }

  resume({ id, confirmedIdle }: StationInput<'pi.resume'>): { jobId: string } {
    const begin = (session: PiSession, consent: ChangeConsent) => session.resume(consent);
    return this.#start(id, 'pi-apply', confirmedIdle, begin, changeReport);
  }

  undo({ id, changeId, force, confirmedIdle }: StationInput<'pi.undo'>): { jobId: string } {
    const begin = (session: PiSession, consent: ChangeConsent) => session.undo(changeId, force, consent);
    return this.#start(id, 'pi-undo', confirmedIdle, begin, changeReport);
  }

  prove({ id, goal, reset, confirmedIdle }: StationInput<'pi.prove'>): { jobId: string } {
    const begin = (session: PiSession, consent: ChangeConsent) => session.prove({ goal, reset, ...consent });
    return this.#start(id, 'pi-prove', confirmedIdle, begin, ({ proofs }) => ({ kind: 'pi-proof', proofs }));
  }

  #start<End>(
    id: string,
    kind: NewJob['kind'],
    confirmedIdle: ChangeConsent['confirmedIdle'],
    begin: (session: PiSession, consent: ChangeConsent) => AsyncGenerator<PiEvent, End, void>,
    reportOf: (end: End) => Report,
  ): { jobId: string } {
    // A missing Pi is reported at once.
    this.#link(id);
    const run = ({ signal, emit }: JobContext): Promise<Report> =>
      this.#link(id).use(signal, async (session, askPassword) => {
        const events = begin(session, { askPassword, confirmedIdle, signal });
        for (;;) {
          const next = await events.next();
          if (next.done === true) return reportOf(next.value);
          emit(next.value);
        }
      });
    return { jobId: this.#jobs.start({ kind, place: null, piId: id, presetId: null, run }) };
  }
}

function changeReport({ id, stepsDone }: ApplyReport): Report {
  return { kind: 'pi-change', changeId: id, stepsDone };
}
