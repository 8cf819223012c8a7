import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import type { PiDesk } from '../pi/pi-desk.ts';

type PiHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `pi.${string}`>>;

/** The entries of the contract that are about Pis. */
export function piHandlers(pis: PiDesk): PiHandlers {
  const done = (): null => null;
  return {
    'pi.watch': (_, { signal }) => pis.follow(signal),
    'pi.questions': (_, { signal }) => pis.followQuestions(signal),
    'pi.answer': ({ id, answer }) => Promise.resolve(pis.answer(id, answer)),
    'pi.save': (order) => pis.save(order),
    'pi.remove': ({ id }) => pis.remove(id).then(done),
    'pi.connect': async ({ id }) => {
      pis.connect(id);
      return Promise.resolve(null);
    },
    'pi.disconnect': ({ id }) => pis.disconnect(id).then(done),
    'pi.look': (order, { signal }) => pis.look(order, signal),
    'pi.plan': (order, { signal }) => pis.plan(order, signal),
    'pi.apply': async (order) => Promise.resolve(pis.apply(order)),
    'pi.resume': async (order) => Promise.resolve(pis.jobs.resume(order)),
    'pi.change': (order, { signal }) => pis.change(order, signal),
    'pi.undo': async (order) => Promise.resolve(pis.jobs.undo(order)),
    'pi.prove': async (order) => Promise.resolve(pis.jobs.prove(order)),
    'pi.doctor': (order, { signal }) => pis.doctor(order, signal),
  };
}
