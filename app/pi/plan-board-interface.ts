import { bridgeOf, describeAdapter, adaptersOf } from './boards-seen.ts';
import { canDevice } from './can-device.ts';
import { linkFiles } from './can-sources.ts';
import { hatOverlays } from './hat.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { PlanBlocker } from './plan-types.ts';

/**
 * Why a wished board is not on the wished interface: a bridge is the interface that its USB device makes, whatever is
 * written for another one. Null if it is, will be, or is no bridge that is plugged in.
 */
export function otherInterface({ facts, wishes }: PlanDraft): PlanBlocker | null {
  for (const { canbusUuid } of wishes.boards) {
    const bridge = bridgeOf(facts, canbusUuid);
    const current = bridge?.interfaceName ?? null;
    if (bridge === null || current === null || current === wishes.interfaceName) continue;
    if (wishes.pinToUsbSerial === bridge.serial) continue;
    // Without the HAT's overlay the bridge is the first one again.
    if (wishes.hat === 'comment-out' && hatOverlays(facts).length > 0) continue;
    const device = canDevice(facts, { interfaceName: current, pinToUsbSerial: bridge.serial });
    const named = linkFiles(facts, device).find(({ fits }) => fits === 'yes');
    if (named?.name === wishes.interfaceName) continue;
    const owner = adaptersOf(facts).find((each) => each.interfaceName === wishes.interfaceName);
    const there = owner === undefined ? '' : `; ${describeAdapter(facts, owner)}`;
    const text = `the board ${canbusUuid} is ${current}, not ${wishes.interfaceName}${there}. Use ${current}, or tie a name of its own to its USB serial number ${bridge.serial}`;
    return { code: 'pi/other-interface', text };
  }
  return null;
}
