import { roleWords } from '../boards/board-role.ts';
import { whyNoBridge } from '../mcu/bridge.ts';
import { flashedMcus, flashStartOf, isMcuName, maxFlashKiB } from '../mcu/mcu.ts';
import { CanopusError } from '../errors.ts';
import { applicationStartFor, type BoardExpectation, type ImageTarget } from './board-expectation.ts';
import { checkCrystal, findCrystalConflict } from './check-crystal.ts';
import type { ImageInfo } from './image-info.ts';
import type { Images } from './image-parts.ts';
import type { ImageProblem } from './image-problem.ts';
import { hex32 } from '../hex.ts';
import { describeFault, knownFaultOf } from './known-faults.ts';

/** Throws the first of `findProblems` as a CanopusError, if any. Call it before any erase. */
export function checkImage(info: ImageInfo, board: BoardExpectation, target: ImageTarget): void {
  const [problem] = findProblems(info, board, target);
  if (problem) throw refusal(problem);
}

/**
 * `checkImage` for the images of one order, and the two against each other: MCU, the application's place against where
 * the bootloader starts it, crystal. An application alone is checked against what the preset says about both.
 */
export function checkImages({ bootloader, application }: Images<ImageInfo>, board: BoardExpectation): void {
  if (bootloader !== null) checkImage(bootloader, board, { through: 'dfu' });
  if (application === null) return;
  // A bootloader that does not state both was refused above.
  checkImage(application, board, {
    through: 'katapult',
    ...(bootloader === null
      ? presetTarget(application, board)
      : { by: 'image', applicationStart: bootloader.launchAddress ?? 0, mcu: bootloader.mcu ?? '' }),
  });
  if (bootloader === null) return;
  const conflict =
    findCrystalConflict(bootloader, application, board) ?? findRateConflict(bootloader, application);
  if (conflict) throw refusal(conflict);
}

/** A node's Katapult and Klipper on one bus: with two rates only one of them would be heard. */
function findRateConflict(bootloader: ImageInfo, application: ImageInfo): ImageProblem | null {
  if (application.can?.role !== 'node') return null;
  const [katapult, klipper] = [bootloader.can?.bitrateBps ?? null, application.can.bitrateBps];
  if (katapult === null || klipper === null || katapult === klipper) return null;
  const message = `The Katapult image sets the CAN bus to ${katapult} bit/s, the Klipper image to ${klipper} bit/s.`;
  return { code: 'image/wrong-bitrate', message, details: { image: klipper, wanted: katapult } };
}

/** What an application must fit before its bootloader was asked: the preset; if that is silent, nothing. */
export function presetTarget(
  { applicationAddress, mcu }: ImageInfo,
  board: BoardExpectation,
): { by: 'preset'; applicationStart: number; mcu: string } {
  return {
    by: 'preset',
    applicationStart: applicationStartFor(board, mcu) ?? applicationAddress ?? 0,
    mcu: board.variants.find((variant) => variant.mcu === mcu)?.mcu ?? board.variants[0]?.mcu ?? mcu ?? '',
  };
}

function refusal({ code, message, details }: ImageProblem): CanopusError {
  return new CanopusError(code, message, details, { state: 'untouched' });
}

/** Everything that contradicts writing this image to this board in this way, the plainest first. */
export function findProblems(
  info: ImageInfo,
  board: BoardExpectation,
  target: ImageTarget,
): readonly ImageProblem[] {
  const wanted = target.through === 'dfu' ? 'katapult' : 'klipper';
  const problems = [...checkWhole(info, target)];
  // A truncated image cannot say what it was.
  if (problems.length === 0 || info.kind !== 'unknown') problems.push(...checkKind(info, wanted));
  // The other checks would only say in other words that it is a different firmware.
  if (problems.length > 0) return problems;
  problems.push(
    ...checkMcu(info, board, target),
    ...checkAddress(info, board, target),
    ...checkFit(info, board, target),
  );
  if (wanted === 'klipper') problems.push(...checkCan(info, board));
  if (wanted === 'katapult') problems.push(...checkTalk(info, board));
  problems.push(...checkCrystal(info, board), ...checkKnownFault(info));
  return problems;
}

function* checkWhole(info: ImageInfo, target: ImageTarget): Generator<ImageProblem> {
  // An image too short to identify can still be seen to lack the code that its reset vector points to.
  const start = target.through === 'dfu' ? flashStartOf(info.mcu) : target.applicationStart;
  const lacksReset = info.kind === 'unknown' && info.resetVector > start + info.size;
  const missing =
    info.truncation ??
    (lacksReset ? `its reset handler at ${hex32(info.resetVector)} lies behind its end` : null);
  if (missing === null) return;
  const message = `The image is cut short or damaged: ${missing}.`;
  yield { code: 'image/truncated', message, details: { size: info.size, missing } };
}

function* checkKind(info: ImageInfo, wanted: 'katapult' | 'klipper'): Generator<ImageProblem> {
  if (info.kind === wanted) return;
  const found = {
    katapult: 'Katapult',
    klipper: 'Klipper',
    deployer: "Katapult's deployer, which is for boards that are flashed through their maker's bootloader",
    unknown: 'neither Katapult nor Klipper, or not all of it',
  }[info.kind];
  const message = `The image must be ${wanted === 'katapult' ? 'Katapult' : 'Klipper'}, but it is ${found}.`;
  yield { code: 'image/wrong-kind', message, details: { kind: info.kind, wanted } };
}

/** Attribute nothing to the board before the board was asked. */
const starters = {
  katapult: { mcu: 'Katapult reports', start: 'Katapult starts the application at' },
  image: { mcu: 'the Katapult image is for', start: 'the Katapult image starts the application at' },
  maker: { mcu: 'the chosen board has', start: "the maker's bootloader starts the application at" },
  preset: { mcu: 'the chosen board has', start: 'on the chosen board the application is at' },
} as const;

function* checkMcu(info: ImageInfo, board: BoardExpectation, target: ImageTarget): Generator<ImageProblem> {
  const reported = target.through === 'katapult' ? target.mcu : null;
  const by = target.through === 'katapult' ? target.by : 'preset';
  const fromPreset = board.variants.map(({ mcu }) => mcu);
  const image = info.mcu ?? 'an MCU that it does not name';
  // The reason is more than a difference of names.
  const asBridge = board.role === 'bridge' ? [info.mcu, reported] : [];
  const noBridge = asBridge.find((mcu) => mcu !== null && whyNoBridge(mcu) !== null);
  if (typeof noBridge === 'string') {
    const message = `${noBridge} cannot be a USB-to-CAN bridge: ${whyNoBridge(noBridge) ?? ''}.`;
    yield { code: 'image/no-bridge-mcu', message, details: { image: info.mcu, board: reported } };
    return;
  }
  if (reported !== null && info.mcu !== reported) {
    const message = `The image is for ${image}, but ${starters[by].mcu} ${reported}.`;
    yield { code: 'image/wrong-mcu', message, details: { image: info.mcu, board: reported } };
  } else if (fromPreset.length > 0 && !(info.mcu !== null && fromPreset.includes(info.mcu))) {
    const message = `The image is for ${image}, but the chosen board has ${[...new Set(fromPreset)].join(' or ')}.`;
    yield { code: 'image/wrong-mcu', message, details: { image: info.mcu, board: fromPreset } };
  } else if (info.mcu === null || !isMcuName(info.mcu)) {
    const message = `The image is for ${image}; this station flashes ${flashedMcus}.`;
    yield { code: 'image/wrong-mcu', message, details: { image: info.mcu } };
  }
}

function* checkAddress(
  info: ImageInfo,
  board: BoardExpectation,
  target: ImageTarget,
): Generator<ImageProblem> {
  const problem = (what: string, image: number | null, where: string, wanted: number): ImageProblem => ({
    code: 'image/wrong-address',
    message: `The image ${what} ${image === null ? 'an unknown address' : hex32(image)}, but ${where} ${hex32(wanted)}.`,
    details: { image, wanted },
  });
  if (target.through === 'dfu') {
    const { applicationAddress, launchAddress } = info;
    const flashStart = flashStartOf(info.mcu);
    if (applicationAddress !== flashStart) {
      yield problem('belongs to', applicationAddress, 'Katapult must begin at', flashStart);
    }
    const wanted = applicationStartFor(board, info.mcu);
    if (wanted !== null && launchAddress !== wanted) {
      yield problem('starts the application at', launchAddress, 'on the chosen board it is at', wanted);
    } else if (launchAddress === null) {
      const message = 'The image does not state where it starts the application.';
      yield { code: 'image/wrong-address', message, details: { image: null } };
    }
    return;
  }
  const { applicationAddress } = info;
  const wanted = applicationStartFor(board, info.mcu);
  if (applicationAddress !== target.applicationStart) {
    yield problem('belongs to', applicationAddress, starters[target.by].start, target.applicationStart);
  } else if (wanted !== null && applicationAddress !== wanted) {
    yield problem('belongs to', applicationAddress, 'on the chosen board the application is at', wanted);
  }
}

function* checkFit(info: ImageInfo, board: BoardExpectation, target: ImageTarget): Generator<ImageProblem> {
  if (info.applicationAddress === null) return;
  const flashStart = flashStartOf(info.mcu);
  const offset = info.applicationAddress - flashStart;
  const limits = [
    ...board.variants.filter(({ mcu }) => mcu === info.mcu).map(({ flashBytes }) => flashBytes),
    target.through === 'dfu' ? (target.flashBytes ?? null) : null,
    info.mcu !== null && isMcuName(info.mcu) ? maxFlashKiB(info.mcu) * 1024 : null,
    // Katapult must end before the application begins.
    info.launchAddress === null ? null : info.launchAddress - flashStart,
  ].filter((limit) => limit !== null);
  const limit = Math.min(...limits);
  if (offset + info.size <= limit) return;
  const message = `The image has ${info.size} bytes, but from ${hex32(info.applicationAddress)} on there are only ${Math.max(0, limit - offset)}.`;
  yield {
    code: 'image/does-not-fit',
    message,
    details: { size: info.size, room: Math.max(0, limit - offset) },
  };
}

function* checkCan(info: ImageInfo, board: BoardExpectation): Generator<ImageProblem> {
  const role = info.can?.role ?? null;
  const becomes = role === 'none' && info.usb === true ? 'usb' : role;
  if (becomes !== board.role) {
    const found = {
      bridge: 'a USB-to-CAN bridge',
      node: 'a node on the CAN bus',
      usb: 'a USB serial device',
      none: 'no USB device',
    }[becomes ?? 'none'];
    const wanted = board.role === 'bridge' ? 'a USB to CAN bridge' : roleWords[board.role];
    const message = `The image must be ${wanted}, but it makes the board ${found}.`;
    const code = board.role === 'bridge' ? 'image/not-a-bridge' : 'image/wrong-role';
    yield { code, message, details: { role, wanted: board.role } };
    return;
  }
  if (info.can === null || board.role === 'usb') return;
  const { pins, bitrateBps } = info.can;
  if (board.canPins !== null && pins?.join() !== board.canPins.join()) {
    const message = `The image has CAN on ${pins?.join('/') ?? 'unknown pins'}, but the chosen board has it on ${board.canPins.join('/')}.`;
    yield { code: 'image/wrong-pins', message, details: { image: pins ?? [], board: board.canPins } };
  }
  if (board.bitrateBps !== null && bitrateBps !== null && bitrateBps !== board.bitrateBps) {
    const message = `The image sets the CAN bus to ${bitrateBps} bit/s, but ${board.bitrateBps} bit/s are wanted.`;
    yield { code: 'image/wrong-bitrate', message, details: { image: bitrateBps, wanted: board.bitrateBps } };
  }
}

/** Changes since a faulty commit may have fixed it: `canopus inspect` says so, nothing is refused. */
function* checkKnownFault(info: ImageInfo): Generator<ImageProblem> {
  const found = knownFaultOf({ firmware: info.kind, mcu: info.mcu, version: info.version });
  if (!found?.certain || info.can?.role !== 'bridge') return;
  const { from, fixedBy, source } = found.fault;
  const message = `The image is from ${info.version ?? ''}. ${describeFault(found.fault)} (${source}).`;
  yield { code: 'image/known-fault', message, details: { version: info.version, from, fixedBy, source } };
}

/** A node is updated over its bus, another board over USB: its Katapult must talk there. */
function* checkTalk({ usb, version, can }: ImageInfo, board: BoardExpectation): Generator<ImageProblem> {
  const { role, bitrateBps: wanted } = board;
  if (role !== 'node' && usb === false) {
    const message = 'This Katapult has no USB: the board would not show up after it is written.';
    yield { code: 'image/no-usb', message, details: { version } };
  }
  if (role === 'node' && usb === true) {
    const message = 'This Katapult talks over USB: the board would not be found on its CAN bus.';
    yield { code: 'image/wrong-role', message, details: { role: 'usb', wanted: role } };
  }
  const bitrateBps = can?.bitrateBps ?? null;
  if (role !== 'node' || wanted === null || bitrateBps === null || bitrateBps === wanted) return;
  const message = `This Katapult sets the CAN bus to ${bitrateBps} bit/s, but ${wanted} bit/s are wanted.`;
  yield { code: 'image/wrong-bitrate', message, details: { image: bitrateBps, wanted } };
}
