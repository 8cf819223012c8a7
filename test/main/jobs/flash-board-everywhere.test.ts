import { beforeAll, describe, expect, it } from 'vitest';
import { boardStates, CanopusError, type ErrorCode } from '../../../app/errors.ts';
import { checkBoardImages } from '../../../main/jobs/board-images.ts';
import type { FlashBoardEvent } from '../../../main/jobs/board-event.ts';
import type { Fault } from '../../../main/sim/fault.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { asLoaded, BenchRun, bareF446, obedientHands, type BothImages } from './bench-run.ts';

/*
 * The whole path with everything that can go wrong, wherever it can. At every place the run either gets over it or ends
 * in an error of that kind, and the board can always be taken from there to a bridge. What the flashers themselves do at
 * each single request is in test/conformance.
 */

/** As small as images can be, so that every block can be tried. */
let images: BothImages;
let startFlash: { address: number; bytes: Uint8Array }[];
beforeAll(async () => {
  const bootloader = await asLoaded('katapult.bin', makeKatapultImage());
  const application = await asLoaded('klipper.bin', makeKlipperImage({ size: 1536 }));
  images = checkBoardImages({ bootloader, application });
  startFlash = [
    { address: 0x08000000, bytes: makeKatapultImage({ seed: 5 }) },
    { address: 0x08008000, bytes: makeKlipperImage({ seed: 5, size: 1536 }) },
  ];
});

/** The mode that the board is in: one with an older Katapult and Klipper in its flash. */
type Start = 'dfu' | 'can-bridge';

/** Codes, or that the run gets over it. */
type Allowed = readonly (ErrorCode | 'survived')[];

/** False if the run ended before it came to the place: the fault is still armed. */
async function strikes(fault: Fault, allowed: Allowed, start: Start = 'dfu'): Promise<boolean> {
  await using run = new BenchRun({ ...bareF446, boot0: start === 'dfu', flash: startFlash });
  await run.present('usb:1-1');
  run.board.arm(fault);
  const personTimeoutMs = 60_000;
  const first = await run
    .flash(images, { hands: handsFor(run), personTimeoutMs })
    .catch((error: unknown) => error);
  const struck = run.board.faults.list().length === 0;
  const what = JSON.stringify(fault);
  if (first instanceof CanopusError) {
    expect(allowed, `${what}: ${first.code} ${first.message}`).toContain(first.code);
    expect(boardStates, what).toContain(first.state);
  } else {
    expect(first, what).toMatchObject({ uid: run.board.uid });
    if (struck) expect(allowed, what).toContain('survived');
  }
  if (!struck) return false;
  await backToDfu(run);
  await run.flash(images, { hands: handsFor(run) });
  expect(run.holds(images.bootloader) && run.holds(images.application), what).toBe(true);
  expect(run.board.running, what).toBe('can-bridge');
  return true;
}

/** Hands that also put a pulled cable back. */
function handsFor(run: BenchRun): (event: FlashBoardEvent) => void {
  const obey = obedientHands(run.board);
  return (event) => {
    if (event.type === 'ask') run.board.plug();
    obey(event);
  };
}

async function backToDfu(run: BenchRun): Promise<void> {
  const { board } = run;
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

interface Sweep {
  readonly fault: (place: number) => Fault;
  readonly first: number;
  readonly step: number;
  readonly allowed: Allowed;
  /** Default `dfu`. */
  readonly start?: Start;
  /** So often at least, or the sweep did not go where it should. */
  readonly atLeast: number;
}

const dfuRequests = { first: 1, step: 2, atLeast: 20 };
/** CONNECT, 24 blocks written, EOF, 24 read back, COMPLETE. */
const katapultCommands = { first: 1, step: 2, atLeast: 25 };

const unplugged =
  (mode: 'dfu' | 'katapult' | 'can-bridge', phase: 'request' | 'erase' | 'write' | 'read' | 'leave') =>
  (after: number): Fault => ({ kind: 'unplug', mode, phase, after });

const dfuCodes: Allowed = [
  'dfu/device-error',
  'dfu/erase-failed',
  'dfu/write-failed',
  'dfu/verify-mismatch',
  'dfu/stuck-busy',
  'dfu/read-protected',
  'dfu/bad-layout',
  'link/protocol',
  'link/stall',
  // The chip's UID is among the replies.
  'device/returned-as-another',
  'survived',
];

const sweeps: Readonly<Record<string, Sweep>> = {
  'the cable is pulled at every request of the ROM': {
    ...{ fault: unplugged('dfu', 'request'), first: 0, step: 1, atLeast: 30 },
    // Where it is leaving anyway there is nothing to report.
    allowed: ['link/gone', 'survived'],
  },
  'the cable is pulled in every erase of the ROM': {
    ...{ fault: unplugged('dfu', 'erase'), first: 0, step: 1, atLeast: 2, allowed: ['link/gone'] },
  },
  'the cable is pulled in every block that the ROM writes, and in the boot words': {
    ...{ fault: unplugged('dfu', 'write'), first: 1020, step: 1024, atLeast: 6, allowed: ['link/gone'] },
  },
  'the cable is pulled in the last word that the ROM writes': {
    ...{ fault: unplugged('dfu', 'write'), first: 6148, step: 1024, atLeast: 1, allowed: ['link/gone'] },
  },
  'the cable is pulled in every block that the ROM reads': {
    ...{ fault: unplugged('dfu', 'read'), first: 0, step: 2048, atLeast: 4, allowed: ['link/gone'] },
  },
  'the cable is pulled as the ROM starts Katapult': {
    ...{ fault: unplugged('dfu', 'leave'), first: 0, step: 1, atLeast: 1, allowed: ['survived'] },
  },
  'the cable is pulled at every command to Katapult': {
    ...{ fault: unplugged('katapult', 'request'), first: 0, step: 1, atLeast: 50 },
    allowed: ['link/gone', 'survived'],
  },
  'the cable is pulled in every erase of Katapult': {
    ...{ fault: unplugged('katapult', 'erase'), first: 0, step: 1, atLeast: 1, start: 'can-bridge' },
    allowed: ['link/gone'],
  },
  'the cable is pulled at every request to a running bridge': {
    ...{ fault: unplugged('can-bridge', 'request'), first: 0, step: 1, atLeast: 1, start: 'can-bridge' },
    allowed: ['link/gone', 'survived'],
  },
  'a running bridge refuses a request': {
    ...{ first: 1, step: 1, atLeast: 1, start: 'can-bridge', allowed: ['link/stall', 'survived'] },
    fault: (nth) => ({ kind: 'stall', mode: 'can-bridge', nth }),
  },
  'the cable is pulled in every block that Katapult writes': {
    ...{ fault: unplugged('katapult', 'write'), first: 28, step: 64, atLeast: 24, allowed: ['link/gone'] },
  },
  'the cable is pulled in every block that Katapult reads': {
    ...{ fault: unplugged('katapult', 'read'), first: 0, step: 64, atLeast: 24, allowed: ['link/gone'] },
  },
  'the cable is pulled as Katapult starts Klipper': {
    ...{ fault: unplugged('katapult', 'leave'), first: 0, step: 1, atLeast: 1, allowed: ['survived'] },
  },
  'the ROM refuses a request': {
    ...dfuRequests,
    fault: (nth) => ({ kind: 'stall', mode: 'dfu', nth }),
    allowed: ['link/stall', 'dfu/device-error', 'survived'],
  },
  'an answer of the ROM gets lost': {
    ...dfuRequests,
    fault: (nth) => ({ kind: 'lost-answer', mode: 'dfu', nth }),
    allowed: ['link/timeout', 'dfu/device-error', 'survived'],
  },
  'an answer of the ROM is changed': {
    ...dfuRequests,
    atLeast: 12,
    fault: (nth) => ({ kind: 'corrupt-answer', mode: 'dfu', nth, xor: 0x11, offset: 4 }),
    allowed: dfuCodes,
  },
  'the ROM stays busy until ABORT': {
    ...{ first: 1, step: 1, atLeast: 6, allowed: ['dfu/stuck-busy'] },
    fault: (operation) => ({ kind: 'busy-forever', operation, clearedBy: 'abort' }),
  },
  'the ROM stays busy until it is reset': {
    ...{ first: 1, step: 1, atLeast: 6, allowed: ['dfu/stuck-busy'] },
    fault: (operation) => ({ kind: 'busy-forever', operation, clearedBy: 'reset' }),
  },
  'an answer of Katapult gets lost': {
    ...katapultCommands,
    fault: (nth) => ({ kind: 'lost-answer', mode: 'katapult', nth }),
    allowed: ['survived'],
  },
  'an answer of Katapult is changed': {
    ...katapultCommands,
    fault: (nth) => ({ kind: 'corrupt-answer', mode: 'katapult', nth, xor: 0x55, offset: 5 }),
    allowed: ['survived'],
  },
  'Katapult is busy': {
    ...katapultCommands,
    fault: (nth) => ({ kind: 'busy-answer', nth }),
    allowed: ['survived'],
  },
};

describe('flashBoard, struck wherever it can be', () => {
  it.each(Object.entries(sweeps))('%s', async (_what, { fault, first, step, allowed, start, atLeast }) => {
    let times = 0;
    for (let place = first; await strikes(fault(place), allowed, start); place += step) times += 1;
    expect(times).toBeGreaterThanOrEqual(atLeast);
  });

  const once: Readonly<Record<string, { fault: Fault; start?: Start }>> = {
    'a bridge does not come back at first': { fault: { kind: 'no-return' }, start: 'can-bridge' },
    'the jumper stays on at first': { fault: { kind: 'jumper-stays' } },
    'nothing comes back from DFU at first': { fault: { kind: 'no-return' } },
    'Katapult takes a minute to come': { fault: { kind: 'slow-enumeration', extraMs: 59_000 } },
    'DFU is gone before it answers to leave': { fault: { kind: 'leave-unanswered' } },
  };
  it.each(Object.entries(once))('gets over it: %s', async (_what, { fault, start }) => {
    expect(await strikes(fault, ['survived'], start)).toBe(true);
  });
});
