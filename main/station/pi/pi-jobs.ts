import type { StationInput } from '../../../app/contract/station-contract.ts';
import type { ChangeRun } from '../../../app/pi/apply.ts';
import type { ChangeConsent, PiSession } from '../../../app/pi/pi-session.ts';
import type { ConfirmedIdle } from '../../../app/pi/printer-ref.ts';
import type { PiPlan } from '../../../app/pi/plan-types.ts';
import type { JobList, NewJob } from '../../jobs/job-list.ts';
import type { PiLink } from './pi-link.ts';

/** Starts work on a Pi as jobs; those on one Pi run one after the other. */
export class PiJobs {
  readonly #jobs: JobList;
  readonly #link: (id: string) => PiLink;

  /** `link` throws `pi/unknown`. */
  constructor(jobs: JobList, link: (id: string) => PiLink) {
    this.#jobs = jobs;
    this.#link = link;
  }

  apply(id: string, plan: PiPlan, confirmedIdle: ConfirmedIdle): { jobId: string } {
    return this.#change(id, 'pi-apply', confirmedIdle, (session, consent) => session.apply(plan, consent));
  }

  resume({ id, confirmedIdle }: StationInput<'pi.resume'>): { jobId: string } {
    return this.#change(id, 'pi-apply', confirmedIdle, (session, consent) => session.resume(consent));
  }

  undo({ id, changeId, force, confirmedIdle }: StationInput<'pi.undo'>): { jobId: string } {
    return this.#change(id, 'pi-undo', confirmedIdle, (session, consent) =>
      session.undo(changeId, force, consent),
    );
  }

  prove({ id, goal, reset, confirmedIdle }: StationInput<'pi.prove'>): { jobId: string } {
    return this.#start(id, 'pi-prove', ({ signal, emit }) =>
      this.#link(id).use(signal, async (session, askPassword) => {
        const run = session.prove({ goal, reset, askPassword, confirmedIdle, signal });
        for (;;) {
          const next = await run.next();
          if (next.done === true) return { kind: 'pi-proof', proofs: next.value.proofs };
          emit(next.value);
        }
      }),
    );
  }

  #change(
    id: string,
    kind: 'pi-apply' | 'pi-undo',
    confirmedIdle: ConfirmedIdle,
    begin: (session: PiSession, consent: ChangeConsent) => ChangeRun,
  ): { jobId: string } {
    return this.#start(id, kind, ({ signal, emit }) =>
      this.#link(id).use(signal, async (session, askPassword) => {
        const run = begin(session, { askPassword, confirmedIdle, signal });
        for (;;) {
          const next = await run.next();
          if (next.done === true) {
            return { kind: 'pi-change', changeId: next.value.id, stepsDone: next.value.stepsDone };
          }
          emit(next.value);
        }
      }),
    );
  }

  #start(id: string, kind: NewJob['kind'], run: NewJob['run']): { jobId: string } {
    // A missing Pi is reported at once.
    this.#link(id);
    return { jobId: this.#jobs.start({ kind, place: null, piId: id, presetId: null, run }) };
  }
}
