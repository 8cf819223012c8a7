import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import type { PiReaches } from '../pi/pi-reaches.ts';
import type { StationServices } from '../station-services.ts';
import type { StationPis } from '../pi/station-pis.ts';

type PiHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `pi.${string}`>>;

/** The entries of the contract about Pis. */
export function piHandlers(
  pis: StationPis,
  reaches: Pick<PiReaches, 'follow'>,
  nearby: StationServices['nearby'],
): PiHandlers {
  return {
    'pi.watch': (_, { signal }) => pis.follow(signal),
    'pi.nearby': (_, { signal }) => nearby(signal),
    'pi.questions': (_, { signal }) => pis.followQuestions(signal),
    'pi.answer': ({ id, answer }) => pis.answer(id, answer),
    'pi.save': (order) => pis.save(order),
    'pi.reach': (order, { signal }) => pis.reach(order, signal),
    'pi.remove': ({ id }) => pis.remove(id),
    'pi.forgetKey': ({ target }) => pis.forgetKey(target),
    'pi.connect': ({ id }) => pis.connect(id),
    'pi.disconnect': ({ id }) => pis.disconnect(id),
    'pi.boards': ({ id }, { signal }) => reaches.follow(id, signal),
    'pi.look': (order, { signal }) => pis.look(order, signal),
    'pi.plan': (order, { signal }) => pis.plan(order, signal),
    'pi.apply': (order) => pis.jobs.apply(order),
    'pi.resume': (order) => pis.jobs.resume(order),
    'pi.change': (order, { signal }) => pis.change(order, signal),
    'pi.undo': (order) => pis.jobs.undo(order),
    'pi.prove': (order) => pis.jobs.prove(order),
    'pi.can': (order, { signal }) => pis.setCan(order, signal),
    'pi.doctor': (order, { signal }) => pis.doctor(order, signal),
  };
}
