import { hands, none, planWith, type Check, type Examination } from './check.ts';
import { sameUuid } from '../printer-config/set-canbus.ts';
import {
  adaptersOf,
  boardsInConfigs,
  bridgesOf,
  describeAdapter,
  type AdapterSeen,
  type BridgeSeen,
} from './boards-seen.ts';
import { hatOverlays } from './hat.ts';
import { wishedBoardSchema, type PiWishes } from './plan-types.ts';
import { isKernelInterfaceName } from '../units.ts';

export function checkDriver({ facts }: Examination): Check {
  const base = {
    id: 'driver',
    question: 'Does the kernel know CAN adapters on USB?',
    why: 'The bridge speaks gs_usb.',
  };
  if (facts.gsUsb === 'missing') {
    const fix = hands('Install the kernel of the distribution, or one with CONFIG_CAN_GS_USB.');
    return { ...base, verdict: 'wrong', answer: `The kernel ${facts.kernel ?? ''} has no gs_usb.`, fix };
  }
  const [major = 0, minor = 0] = (facts.kernel ?? '').split('.').map(Number);
  const old = major < 6 || (major === 6 && minor < 6);
  if (facts.kernel !== null && old) {
    const answer = `gs_usb is ${facts.gsUsb}; this kernel (${facts.kernel}) is older than 6.6.`;
    const why =
      'Before 6.6 gs_usb could pass frames on in the wrong order; Klipper then counts bytes_invalid.';
    return {
      ...base,
      verdict: 'look',
      answer,
      why,
      fix: hands('Update the system when bytes_invalid grows in klippy.log.'),
    };
  }
  return { ...base, verdict: 'fine', answer: `gs_usb is ${facts.gsUsb}.`, fix: none };
}

const katapultId = { vendorId: 0x1d50, productId: 0x6177 };
const serialId = { vendorId: 0x1d50, productId: 0x614e };
const dfuId = { vendorId: 0x0483, productId: 0xdf11 };

export function checkBridge(examination: Examination): Check {
  const { facts } = examination;
  const base = {
    id: 'bridge',
    question: 'Is the bridge plugged in and running Klipper?',
    why: 'Only a board that runs Klipper as a bridge shows up as a CAN adapter.',
  };
  const has = (id: { vendorId: number; productId: number }) =>
    facts.usb.filter((each) => each.vendorId === id.vendorId && each.productId === id.productId);
  const adapters = adaptersOf(facts);
  const [katapults, serials, dfus] = [has(katapultId), has(serialId), has(dfuId)];
  if (adapters.length > 1) return { ...base, ...severalAdapters(examination, adapters) };
  const [adapter] = adapters;
  if (adapter?.isBridge === true) {
    const answer = `It is at ${adapter.busPort}, UID ${adapter.serial ?? 'unknown'}.`;
    return { ...base, verdict: 'fine', answer, fix: none };
  }
  if (adapter !== undefined) {
    const answer = `No board is, but there is a CAN adapter: ${describeAdapter(facts, adapter)}. The boards are on the bus behind it.`;
    return { ...base, verdict: 'fine', answer, fix: none };
  }
  const wrong = (answer: string, text: string): Check => ({
    ...base,
    verdict: 'wrong',
    answer,
    fix: hands(text),
  });
  if (dfus.length > 0)
    return wrong('A board is in DFU mode.', 'Power off, take the BOOT0 jumper off, power on.');
  if (katapults.length > 0)
    return wrong('A board waits in Katapult.', 'Flash Klipper as a USB to CAN bridge to it.');
  if (serials.length > 0) {
    return wrong(
      'A board runs Klipper on USB serial, not as a bridge.',
      'Build Klipper as "USB to CAN bus bridge" and flash it.',
    );
  }
  return wrong(
    'No board of this kind is on the USB of the Pi.',
    'Check the cable (charge-only ones exist) and the power of the board.',
  );
}

/** Which of several adapters the bridge is, and whether that stays so. */
function severalAdapters(
  examination: Examination,
  adapters: readonly AdapterSeen[],
): Pick<Check, 'verdict' | 'answer' | 'why' | 'fix'> {
  const { facts, wishes } = examination;
  const told = adapters.map((each) => describeAdapter(facts, each)).join('; ');
  const answer = `There are ${adapters.length} CAN adapters: ${told}.`;
  const why =
    'Each is an interface of its own. The order in which they become can0 and can1 may change with every boot.';
  const bridge = namedBridge(examination);
  const ownNames = adapters.filter(
    ({ interfaceName }) => interfaceName !== null && !isKernelInterfaceName(interfaceName),
  );
  // With one name of its own among two, the other one keeps its name, too.
  if (ownNames.length >= adapters.length - 1) return { verdict: 'fine', answer, why, fix: none };
  const fix =
    pinFix(examination) ??
    hands(
      'Plan with the uuid of a board: the plan says which interface it is, and can give it a fixed name.',
    );
  const isElsewhere =
    bridge !== null && bridge.interfaceName !== null && bridge.interfaceName !== wishes.interfaceName;
  return isElsewhere
    ? {
        verdict: 'wrong',
        answer: `${answer} The bridge is ${bridge.interfaceName}, not ${wishes.interfaceName}.`,
        why,
        fix,
      }
    : { verdict: 'look', answer, why, fix };
}

export function checkHat(examination: Examination): Check {
  const { facts, wishes } = examination;
  const { interfaceName } = wishes;
  const base = {
    id: 'hat',
    question: `Is ${interfaceName} really the bridge?`,
    why: 'A CAN HAT is there at boot, takes the name can0, and the bridge becomes can1.',
  };
  const owner = facts.interfaces.find(({ name }) => name === interfaceName);
  const overlays = hatOverlays(facts);
  if (owner !== undefined && owner.usb === null) {
    const answer = `${interfaceName} is not a USB device (driver ${owner.driver ?? 'unknown'}).`;
    return {
      ...base,
      verdict: 'wrong',
      answer,
      fix:
        overlays.length > 0
          ? planWith({ hat: 'comment-out' })
          : (pinFix(examination) ?? hands('Plug the bridge in, then check again.')),
    };
  }
  if (overlays.length > 0) {
    const answer = overlays.map(({ path, line, text }) => `${path}, line ${line + 1}: ${text}`).join('; ');
    return {
      ...base,
      verdict: 'look',
      answer: `A HAT is set up: ${answer}.`,
      fix: planWith({ hat: 'comment-out' }),
    };
  }
  const adapter = adaptersOf(facts).find((each) => each.interfaceName === interfaceName);
  const bridge = namedBridge(examination);
  if (adapter !== undefined && bridge !== null && adapter.busPort !== bridge.busPort) {
    const answer = `No: ${describeAdapter(facts, adapter)}, and ${describeAdapter(facts, bridge)}.`;
    const wish = bridge.interfaceName === null ? {} : { interfaceName: bridge.interfaceName };
    const fix = planWith({ ...wish, boards: boardsOf(examination, bridge.uuid) });
    return { ...base, verdict: 'wrong', answer, fix };
  }
  if (adapter !== undefined && !adapter.isBridge) {
    const answer = `It is an adapter of its own: ${describeAdapter(facts, adapter)}. The boards are on the bus behind it.`;
    return { ...base, verdict: 'fine', answer, fix: none };
  }
  const answer = owner?.usb ? `Yes, it is the USB device ${owner.usb.busPort}.` : 'No HAT is set up.';
  return { ...base, verdict: 'fine', answer, fix: none };
}

/** The bridge that printer.cfg or the wishes name, or the only one; null if none can be identified as it. */
function namedBridge({ facts, wishes }: Examination): BridgeSeen | null {
  const bridges = bridgesOf(facts);
  const named = [...wishes.boards, ...boardsInConfigs(facts)];
  const mine = bridges.filter(({ uuid }) => named.some((board) => sameUuid(board.canbusUuid, uuid)));
  const [bridge, another] = mine.length === 0 ? bridges : mine;
  return bridge === undefined || another !== undefined ? null : bridge;
}

/** The sections of that board, as a plan wishes them. */
function boardsOf({ facts, wishes }: Examination, uuid: string): PiWishes['boards'] {
  const named = boardsInConfigs(facts)
    .filter((each) => sameUuid(each.canbusUuid, uuid))
    .flatMap(({ section }) => {
      const board = wishedBoardSchema.safeParse({ section, canbusUuid: uuid });
      return board.success ? [board.data] : [];
    });
  const others = wishes.boards.filter(({ section }) => !named.some((each) => each.section === section));
  return [...others, ...named];
}

/** A fixed name for the bridge, tied to its USB serial number; null if none can be identified as it. */
function pinFix(examination: Examination): ReturnType<typeof planWith> | null {
  const bridge = namedBridge(examination);
  if (bridge === null) return null;
  const boards = boardsOf(examination, bridge.uuid);
  return planWith({ pinToUsbSerial: bridge.serial, interfaceName: 'bridge0', boards });
}
