import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCanopusError, type CanopusError } from '../../../app/errors.ts';
import type { FlashReport } from '../../../app/flash/flash-event.ts';
import { hexByte } from '../../../app/flash/flash-damage.ts';
import { readKatapultStatus } from '../../../app/flash/katapult-connect.ts';
import { flashWithKatapult, type KatapultFlashOptions } from '../../../app/flash/katapult-flasher.ts';
import { commandCode } from '../../../app/protocols/katapult/command.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { KatapultStandIn, type Reaction, type Request, type StandInOptions } from './katapult-stand-in.ts';
import { cases } from '../../counts.ts';

const applicationAddress = 0x08008000;
const image = Uint8Array.from({ length: 30 * 64 - 9 }, (_, index) => (index * 7 + (index >> 6)) & 0xff);
/** Longer than the first sector of 16 KiB. */
const large = Uint8Array.from({ length: 0x4000 + 300 }, (_, index) => (index * 5 + (index >> 6)) & 0xff);

interface Outcome {
  readonly report: FlashReport | null;
  readonly error: CanopusError | null;
  readonly device: KatapultStandIn;
  readonly tookMs: number;
}

async function flash(
  standIn: Omit<StandInOptions, 'clock'> = {},
  options: Partial<KatapultFlashOptions> = {},
  bytes = image,
): Promise<Outcome> {
  const clock = new VirtualClock();
  const device = new KatapultStandIn({ clock, ...standIn });
  const run = flashWithKatapult(device, bytes, {
    clock,
    expectedMcu: null,
    applicationAddress: null,
    ...options,
  });
  const finish = (report: FlashReport | null, error: CanopusError | null): Outcome => ({
    report,
    error,
    device,
    tookMs: clock.nowMs(),
  });
  try {
    for (;;) {
      const step = await run.next();
      if (step.done === true) return finish(step.value, null);
    }
  } catch (error) {
    if (!isCanopusError(error)) throw error;
    return finish(null, error);
  }
}

/** `reaction` to these requests with this command, counted from 1; all of them where none is named. */
function on(
  command: number,
  reaction: Reaction,
  ...nths: readonly number[]
): (request: Request) => Reaction | undefined {
  return (request) =>
    request.command === command && (nths.length === 0 || nths.includes(request.nth)) ? reaction : undefined;
}

function expectWritten({ device, report, error }: Outcome, bytes = image, blockSize = 64): void {
  expect(error).toBeNull();
  expect(report?.bytesVerified).toBe(bytes.length);
  for (let at = 0; at < bytes.length; at += blockSize) {
    const block = new Uint8Array(blockSize).fill(0xff);
    block.set(bytes.subarray(at, at + blockSize));
    expect(device.flash.get(applicationAddress + at)).toEqual(block);
  }
}

describe('what is on its way', () => {
  it('is at most four blocks written and three read: what the firmware can hold', async () => {
    const { device } = await flash({}, {}, large);
    expect(device.mostInFlight.get(commandCode.sendBlock)).toBe(4);
    expect(device.mostInFlight.get(commandCode.requestBlock)).toBe(3);
  });

  it('is at most two blocks read where the USB peripheral holds none back', async () => {
    const { device } = await flash({ mcu: 'stm32f103xe' });
    expect(device.mostInFlight.get(commandCode.requestBlock)).toBe(2);
  });

  it.each([128, 256, 512])('is one block of %i bytes at a time', async (blockSize) => {
    const outcome = await flash({ blockSize });
    expectWritten(outcome, image, blockSize);
    expect(outcome.device.mostInFlight.get(commandCode.sendBlock)).toBe(1);
  });

  it.each([
    ['a lost answer', 'nothing'],
    ['a NACK', 'nack'],
    ['an answer for another block', 'wrongBlock'],
  ] as const)('is one request at a time after %s', async (_what, reaction) => {
    const clock = new VirtualClock();
    const react = (request: Request): Reaction | undefined => {
      // Behind the disturbed one at most three more had been sent.
      if (request.command === commandCode.sendBlock && request.nth === 14) device.mostInFlight.clear();
      return on(commandCode.sendBlock, reaction, 9)(request);
    };
    const device: KatapultStandIn = new KatapultStandIn({ clock, react });
    const run = flashWithKatapult(device, image, { clock, expectedMcu: null, applicationAddress: null });
    while ((await run.next()).done !== true);
    expect(device.mostInFlight.get(commandCode.sendBlock)).toBe(1);
    expect(device.written.length).toBeLessThanOrEqual(30 + 4);
  });

  it('does not depend on how replies are split', async () => {
    for (const pieceBytes of [1, 3, 17]) expectWritten(await flash({ pieceBytes }));
  });
});

describe('the order of blocks', () => {
  const blocks = Math.ceil(large.length / 64);

  it('erases the first sector first and writes it last on an F4', async () => {
    const { device } = await flash({}, {}, large);
    const [eraser, ...rest] = device.written;
    expect(eraser).toBe(applicationAddress);
    const behind = Array.from(
      { length: blocks - 256 },
      (_, index) => applicationAddress + 0x4000 + 64 * index,
    );
    const first = Array.from({ length: 256 }, (_, index) => applicationAddress + 64 * index);
    expect(rest).toEqual([...behind, ...first]);
  });

  it('is ascending if the sectors of the MCU are unknown', async () => {
    const { device, report } = await flash({ mcu: 'stm32g0b1xx' }, {}, large);
    expect(device.written).toEqual(
      Array.from({ length: blocks }, (_, index) => applicationAddress + 64 * index),
    );
    expect(report?.sectorsErased).toBe(1);
  });
});

describe('versions', () => {
  it('writes through a Katapult before 1.1.0, which does not say its version', async () => {
    expectWritten(await flash({ protocolVersion: 0x00010000 }));
  });

  it.each([0x00020000, 0x00000009])('refuses protocol %i before it writes', async (protocolVersion) => {
    const { error, device } = await flash({ protocolVersion });
    expect(error).toMatchObject({ code: 'katapult/unsupported-version', state: 'untouched' });
    expect(device.written).toEqual([]);
  });

  it('wakes a double-buffered device with a dummy command', async () => {
    const outcome = await flash(
      { mcu: 'stm32f072xb', isDoubleBuffered: true },
      { expectedMcu: 'stm32f072xb' },
    );
    expectWritten(outcome);
    expect(outcome.device.requests[0]?.command).toBe(commandCode.dummy);
    expect(outcome.tookMs).toBeLessThan(100);
  });

  it('connects to an unannounced double-buffered device', async () => {
    const outcome = await flash({ mcu: 'stm32f072xb', isDoubleBuffered: true });
    expectWritten(outcome);
  });
});

describe('a reply that is wrong once', () => {
  const commands = [
    ['CONNECT', commandCode.connect, 1],
    ['SEND_BLOCK', commandCode.sendBlock, 7],
    ['the last SEND_BLOCK', commandCode.sendBlock, 30],
    ['EOF', commandCode.eof, 1],
    ['REQUEST_BLOCK', commandCode.requestBlock, 7],
    ['the last REQUEST_BLOCK', commandCode.requestBlock, 30],
    ['COMPLETE', commandCode.complete, 1],
  ] as const;
  const reactions = [
    'nothing',
    'nack',
    'commandError',
    'busy',
    'wrongBlock',
    'wrongCommand',
    'twice',
    'garbled',
    'otherData',
  ] as const satisfies readonly Reaction[];

  // A CONNECT whose text is changed under a good CRC cannot be distinguished from a right one.
  const cases = commands
    .flatMap((command) => reactions.map((reaction) => [...command, reaction] as const))
    .filter(([, command, , reaction]) => command !== commandCode.connect || reaction !== 'otherData');

  it.each(cases)('to %s (%i, number %i) does no harm: %s', async (_name, command, nth, reaction) => {
    const outcome = await flash({ react: on(command, reaction, nth) });
    expectWritten(outcome);
    expect(outcome.tookMs).toBeLessThan(8000);
  });
});

describe('a reply that is always wrong', () => {
  it.each([
    ['nothing', 'katapult/no-answer', 'katapult-partial'],
    ['nack', 'katapult/frames-damaged', 'katapult-partial'],
    ['commandError', 'katapult/command-failed', 'katapult-partial'],
    ['busy', 'katapult/stuck-busy', 'katapult-partial'],
    ['wrongBlock', 'katapult/bad-answer', 'katapult-partial'],
    ['wrongCommand', 'katapult/bad-answer', 'katapult-partial'],
    ['garbled', 'katapult/bad-answer', 'katapult-partial'],
    ['stuck', 'katapult/wedged', 'katapult-partial'],
  ] as const)('to SEND_BLOCK, %s: %s', async (reaction, code, state) => {
    const { error, tookMs } = await flash({ react: on(commandCode.sendBlock, reaction) });
    expect(error).toMatchObject({ code, state });
    expect(error?.message).toMatch(/0x08008000|accepted no more bytes/);
    expect(tookMs).toBeLessThan(30_000);
  });

  it.each([
    ['nothing', 'katapult/wedged'],
    ['nack', 'katapult/wedged'],
    ['commandError', 'katapult/command-failed'],
    ['busy', 'katapult/stuck-busy'],
    ['wrongCommand', 'katapult/bad-answer'],
    ['garbled', 'katapult/bad-answer'],
    ['stuck', 'katapult/wedged'],
    ['gone', 'link/gone'],
  ] as const)('to CONNECT, %s: %s, the board untouched', async (reaction, code) => {
    const { error, tookMs } = await flash({ react: on(commandCode.connect, reaction) });
    expect(error).toMatchObject({ code, state: 'untouched' });
    expect(tookMs).toBeLessThan(20_000);
  });

  it('to REQUEST_BLOCK, other data: names the address and both bytes, and does not start the application', async () => {
    const react = (request: Request): Reaction | undefined =>
      request.command === commandCode.requestBlock && request.address === applicationAddress + 128
        ? 'otherData'
        : undefined;
    const { error, device } = await flash({ react });
    const at = 128 + 63;
    expect(error).toMatchObject({
      code: 'katapult/flash-damaged',
      state: 'katapult-partial',
      details: { address: '0x080080bf', expected: hexByte(image[at]), found: hexByte(image[at]! ^ 0x10) },
    });
    expect(device.requests.map(({ command }) => command)).not.toContain(commandCode.complete);
    // The first sector is erased again, so that the board stays in Katapult.
    expect(device.flash.get(applicationAddress)).toEqual(new Uint8Array(64).fill(0xff));
    expect(error?.details).toMatchObject({ returnsToKatapult: true });
  });

  it.each([
    ['nothing', 'katapult/no-answer'],
    ['commandError', 'katapult/command-failed'],
    ['wrongCommand', 'katapult/bad-answer'],
    ['nack', 'katapult/frames-damaged'],
  ] as const)('to COMPLETE, %s: %s, the application verified', async (reaction, code) => {
    const { error } = await flash({ react: on(commandCode.complete, reaction) });
    expect(error).toMatchObject({ code, state: 'katapult-verified' });
  });

  it('to COMPLETE, gone: done', async () => {
    expectWritten(await flash({ react: on(commandCode.complete, 'gone') }));
  });

  it.each([
    ['a NACK and then silence', 'nack'],
    ['a damaged frame and then silence', 'garbled'],
  ] as const)('%s: distinguishes a wedged Katapult from a silent one', async (_what, first) => {
    const react = (request: Request): Reaction | undefined => {
      if (request.command !== commandCode.sendBlock || request.nth < 10) return undefined;
      return request.nth === 10 ? first : 'nothing';
    };
    const { error } = await flash({ react });
    expect(error).toMatchObject({ code: first === 'nack' ? 'katapult/wedged' : 'katapult/no-answer' });
  });

  it('ends on a line that damages a reply again and again', async () => {
    const { error, tookMs } = await flash(
      {
        react: (request) =>
          request.command === commandCode.sendBlock && request.nth % 2 === 0 ? 'garbled' : undefined,
      },
      {},
      large,
    );
    expect(error).toMatchObject({ code: 'katapult/bad-answer' });
    expect(tookMs).toBeLessThan(60_000);
  });
});

describe('gone', () => {
  it('in the middle of the writing: the board is partly written', async () => {
    const { error } = await flash({ react: on(commandCode.sendBlock, 'gone', 5) });
    expect(error).toMatchObject({ code: 'link/gone', state: 'katapult-partial' });
  });

  it('at the last block read back: nothing counts as verified', async () => {
    const { error } = await flash({ react: on(commandCode.requestBlock, 'gone', 30) });
    expect(error).toMatchObject({ code: 'link/gone', state: 'katapult-partial' });
  });
});

describe('anything', () => {
  const reactions: readonly (Reaction | undefined)[] = [
    'nothing',
    'nack',
    'commandError',
    'busy',
    'wrongBlock',
    'wrongCommand',
    'twice',
    'garbled',
    'otherData',
    'gone',
  ];

  it('ends in a right image or in a named error, whatever goes wrong wherever', async () => {
    const disturbance = fc.record({
      at: fc.nat({ max: 90 }),
      reaction: fc.constantFrom(...reactions),
    });
    let good = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(disturbance, { minLength: 1, maxLength: 8 }), async (disturbances) => {
        let count = -1;
        const outcome = await flash({
          react: () => {
            count += 1;
            return disturbances.find(({ at }) => at === count)?.reaction;
          },
        });
        if (outcome.error === null) {
          expectWritten(outcome);
          good += 1;
        } else {
          expect(outcome.error.code).toMatch(/^(katapult|link)\//);
          expect(outcome.error.state).not.toBeNull();
        }
        expect(outcome.tookMs).toBeLessThan(120_000);
      }),
      { numRuns: cases(250, 50) },
    );
    expect(good).toBeGreaterThan(cases(250, 50) / 5);
  }, 120_000);
});

describe('readKatapultStatus', () => {
  it('ends its wait when it is cancelled', async () => {
    const clock = new VirtualClock();
    const device = new KatapultStandIn({ clock, react: () => 'nothing' });
    const cancel = new AbortController();
    const status = readKatapultStatus(device, { clock, signal: cancel.signal }).catch(
      (error: unknown) => error,
    );
    await clock.sleep(100);
    cancel.abort();
    expect(await status).toBe(cancel.signal.reason);
    expect(clock.nowMs()).toBeLessThan(500);
  });
});
