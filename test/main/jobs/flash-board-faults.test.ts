import { describe, expect, it } from 'vitest';
import { boardStates, CanopusError, type ErrorCode } from '../../../app/errors.ts';
import type { ImagePart } from '../../../app/image/image-parts.ts';
import { checkBoardImages, type LoadedImage } from '../../../main/jobs/board-images.ts';
import type { FlashBoardEvent } from '../../../main/jobs/board-event.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import type { Fault } from '../../../main/sim/fault.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { asLoaded, BenchRun, bareF446, obedientHands, type BothImages } from './bench-run.ts';

/** Small, so that every run is short; two sectors, so that every rule about sectors applies. */
async function smallImages(): Promise<BothImages> {
  const bootloader = await asLoaded('katapult.bin', makeKatapultImage());
  const application = await asLoaded('klipper.bin', makeKlipperImage({ size: 20_480 }));
  return checkBoardImages({ bootloader, application });
}

/** `survived`: the run should recover without help. In place of faults, the image that has a worn cell under it. */
type Outcome = ErrorCode | 'survived';

const cases: readonly (readonly [title: string, faults: readonly Fault[] | ImagePart, outcome: Outcome])[] = [
  ['the cable is pulled while DFU connects', [unplug('dfu', 'request', 3)], 'link/gone'],
  ['the cable is pulled in a DFU erase', [unplug('dfu', 'erase', 0)], 'link/gone'],
  ['the cable is pulled in a DFU write', [unplug('dfu', 'write', 2048)], 'link/gone'],
  ['the cable is pulled in a DFU read-back', [unplug('dfu', 'read', 2048)], 'link/gone'],
  ['the cable is pulled when DFU is left', [unplug('dfu', 'leave', 0)], 'survived'],
  ['a DFU request is refused', [{ kind: 'stall', mode: 'dfu', nth: 12 }], 'link/stall'],
  ['a DFU answer is lost', [{ kind: 'lost-answer', mode: 'dfu', nth: 12 }], 'link/timeout'],
  [
    'DFU stays busy until it is reset',
    [{ kind: 'busy-forever', operation: 2, clearedBy: 'reset' }],
    'dfu/stuck-busy',
  ],
  [
    'DFU was left busy by another tool',
    [{ kind: 'busy-forever', operation: 0, clearedBy: 'abort' }],
    'survived',
  ],
  ['DFU starts in dfuERROR', [{ kind: 'first-status-error' }], 'survived'],
  ['a bit of Katapult cannot be programmed', 'bootloader', 'dfu/flash-damaged'],
  ['the chip is read-protected', [{ kind: 'read-protection' }], 'dfu/read-protected'],
  ['DFU is gone before it answers to leave', [{ kind: 'leave-unanswered' }], 'survived'],
  ['Katapult does not come up at first', [{ kind: 'no-return' }], 'survived'],
  ['Katapult takes 20 s to come up', [{ kind: 'slow-enumeration', extraMs: 20_000 }], 'survived'],
  ['the cable is pulled while Katapult connects', [unplug('katapult', 'request', 0)], 'link/gone'],
  ['the cable is pulled in a Katapult erase', [unplug('katapult', 'erase', 0)], 'link/gone'],
  ['the cable is pulled in a Katapult write', [unplug('katapult', 'write', 9000)], 'link/gone'],
  ['the cable is pulled in a Katapult read-back', [unplug('katapult', 'read', 9000)], 'link/gone'],
  ['a Katapult answer is lost', [{ kind: 'lost-answer', mode: 'katapult', nth: 40 }], 'survived'],
  [
    'a Katapult answer is damaged',
    [{ kind: 'corrupt-answer', mode: 'katapult', nth: 40, xor: 1 }],
    'survived',
  ],
  ['Katapult is busy once', [{ kind: 'busy-answer', nth: 30 }], 'survived'],
  ['a bit of the application cannot be programmed', 'application', 'katapult/flash-damaged'],
];

function unplug(
  mode: 'dfu' | 'katapult',
  phase: 'request' | 'erase' | 'write' | 'read' | 'leave',
  after: number,
): Fault {
  return { kind: 'unplug', mode, phase, after };
}

/** A cell in the middle of where an image goes, with a bit that the image needs to be 0 and that stays 1. */
function wornCell({ bytes, info }: LoadedImage): Fault {
  const middle = bytes.length >> 1;
  const offset = bytes.findIndex((byte, index) => index >= middle && (byte & 8) === 0);
  return { kind: 'stuck-bit', address: (info.applicationAddress ?? 0) + offset, bit: 3, sticksAt: 1 };
}

/** A board that has been in use: an older Katapult and an older, larger Klipper. */
function usedBoard(): BoardInput {
  const flash = [
    { address: 0x08000000, bytes: makeKatapultImage({ seed: 5 }) },
    { address: 0x08008000, bytes: makeKlipperImage({ seed: 5 }) },
  ];
  return { ...bareF446, flash };
}

describe('flashBoard on a board that fails', () => {
  it.each(cases)('%s', async (_title, given, outcome) => {
    const images = await smallImages();
    const faults = typeof given === 'string' ? [wornCell(images[given])] : given;
    // What an earlier tool left behind is there from the start; the rest strikes a board that has come up.
    const wasLeft = faults.filter((fault) => fault.kind === 'busy-forever' && fault.operation === 0);
    await using run = new BenchRun({ ...usedBoard(), faults: wasLeft });
    await run.present('usb:1-1');
    for (const fault of faults) if (!wasLeft.includes(fault)) run.board.arm(fault);
    const hands = replugging(run);
    const first = await run
      .flash(images, { hands, personTimeoutMs: 120_000 })
      .catch((error: unknown) => error);
    if (outcome === 'survived') {
      expect(first).toMatchObject({ uid: run.board.uid });
    } else {
      expect(first).toBeInstanceOf(CanopusError);
      expect(first).toMatchObject({ code: outcome });
      expect(boardStates).toContain((first as CanopusError).state);
    }
    await backToDfu(run);
    await run.flash(images, { hands: replugging(run), confirmReadUnprotect: true });
    expect(run.holds(images.bootloader)).toBe(true);
    expect(run.holds(images.application)).toBe(true);
    expect(run.board.running).toBe('can-bridge');
  });

  it('is recoverable wherever the cable is pulled in DFU', async () => {
    const images = await smallImages();
    for (let after = 0; after <= images.bootloader.bytes.length; after += 1024) {
      await expectRecovery(images, unplug('dfu', 'write', after));
    }
  });

  it('is recoverable wherever the cable is pulled in Katapult', async () => {
    const images = await smallImages();
    for (let after = 0; after <= images.application.bytes.length; after += 2048) {
      await expectRecovery(images, unplug('katapult', 'write', after));
    }
  });
});

/** Hands that also put a pulled cable back when they are asked for something. */
function replugging(run: BenchRun): (event: FlashBoardEvent) => void {
  const obey = obedientHands(run.board);
  return (event) => {
    if (event.type === 'ask') run.board.plug();
    obey(event);
  };
}

/** What the error asks of a person: cable in, jumper on, power off and on. A worn cell becomes a new chip. */
async function backToDfu(run: BenchRun): Promise<void> {
  const { board } = run;
  board.flash.stuckBits.length = 0;
  board.plug();
  board.setPower(false);
  board.setBoot0(true);
  board.setPower(true);
  const watch = await run.present('usb:1-1');
  const isBack = await watch.waitFor(
    (now) => (now.at('usb:1-1')?.device.productId === 0xdf11 ? true : null),
    {
      timeoutMs: 30_000,
    },
  );
  expect(isBack).toBe(true);
}

async function expectRecovery(images: BothImages, fault: Fault): Promise<void> {
  await using run = new BenchRun(usedBoard());
  await run.present('usb:1-1');
  run.board.arm(fault);
  const first = await run.flash(images, { hands: replugging(run) }).catch((error: unknown) => error);
  if (first instanceof CanopusError) expect(first.code).toBe('link/gone');
  await backToDfu(run);
  await run.flash(images, { hands: replugging(run) });
  expect(run.holds(images.bootloader) && run.holds(images.application)).toBe(true);
}
