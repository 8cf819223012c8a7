import type { PiSession } from '../../../app/pi/pi-session.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import type { ProofEvent } from '../../../app/pi/proof.ts';
import { planView } from '../../../app/pi/plan-view.ts';
import { summariseFacts } from '../../../app/pi/summary.ts';
import type { CliIo } from './context.ts';
import { showChange, showProof } from './show-pi.ts';
import { showPlan } from './show-plan.ts';

/** The second half of the demo: facts, plan, apply, prove on a virtual Pi. Returns what was proven. */
export async function setUpDemoPi(
  io: Pick<CliIo, 'signal' | 'print' | 'emit'>,
  pi: PiSession,
  canbusUuid: string,
): Promise<readonly ProofEvent[]> {
  const wishes = { ...defaultWishes, boards: [{ section: 'mcu', canbusUuid }] };
  const { system, network } = summariseFacts(await pi.look(io.signal), wishes.interfaceName);
  const found = network.interfaces.map(({ name, up }) => `${name} is ${up ? 'up' : 'down'}`).join(', ');
  io.print(`The board is in ${pi.label} (${system.model ?? ''}): ${found}.\nPlanned changes:`);
  const plan = await pi.plan(wishes, io.signal);
  io.print(showPlan(planView(plan), 'pi@HOST'));
  io.print('\nApplying it, with a backup beside each file and a journal for undoing it:');
  const consent = { askPassword: () => Promise.resolve(null), confirmedIdle: false, signal: io.signal };
  for await (const event of pi.apply(plan, consent)) io.emit({ ...event }, () => showChange(event));
  io.print('\nProving it:');
  const proofs: ProofEvent[] = [];
  for await (const event of pi.prove({ goal: plan.goal, reset: 'auto', ...consent })) {
    io.emit({ ...event }, () => showProof(event));
    if (event.outcome !== 'started') proofs.push(event);
  }
  return proofs;
}
