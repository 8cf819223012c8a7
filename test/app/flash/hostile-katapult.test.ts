import { describe, expect, it } from 'vitest';
import { CanopusError, isCanopusError } from '../../../app/errors.ts';
import { flashWithKatapult } from '../../../app/flash/katapult-flasher.ts';
import { answerCode } from '../../../app/protocols/katapult/answer.ts';
import { commandCode } from '../../../app/protocols/katapult/command.ts';
import { encodeFrame } from '../../../app/protocols/katapult/frame.ts';
import type { ByteLink } from '../../../app/transport/byte-link.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { KatapultStandIn } from './katapult-stand-in.ts';

/** What a full-speed port delivers at a time, and how long that takes on the bus. */
const readBytes = 4096;
const readMs = 4;

/** Behaves until so many writes were made; from then on its replies drown in one pattern that never ends. */
class EndlessLink implements ByteLink {
  readonly label = 'endless';
  reads = 0;
  #writes = 0;
  readonly #honest: KatapultStandIn;
  readonly #flood: Uint8Array;
  readonly #clock: Clock;
  readonly #honestWrites: number;

  constructor(clock: Clock, pattern: Uint8Array, honestWrites: number) {
    this.#clock = clock;
    this.#honest = new KatapultStandIn({ clock });
    this.#honestWrites = honestWrites;
    this.#flood = Uint8Array.from({ length: readBytes }, (_, at) => pattern[at % pattern.length] ?? 0);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#writes += 1;
    if (this.#writes <= this.#honestWrites) await this.#honest.write(bytes);
  }

  async read({ timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }): Promise<Uint8Array> {
    this.reads += 1;
    // Instead of a test that does not end.
    if (this.reads > 200_000) throw new Error('read without end');
    if (this.#writes <= this.#honestWrites)
      return await this.#honest.read({ timeoutMs, ...(signal && { signal }) });
    if (timeoutMs < readMs) {
      await this.#clock.sleep(timeoutMs, signal);
      throw new CanopusError('link/timeout', `${this.label}: nothing in time.`);
    }
    await this.#clock.sleep(readMs, signal);
    return this.#flood;
  }

  close = (): Promise<void> => this.#honest.close();
  [Symbol.asyncDispose] = (): Promise<void> => this.close();
}

const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
const frame = (code: number, ...words: number[]): Uint8Array =>
  encodeFrame(code, Uint8Array.from(words.flatMap(word)));

const patterns: readonly (readonly [what: string, pattern: Uint8Array])[] = [
  ['noise', Uint8Array.of(0x55)],
  ['beginnings of frames', Uint8Array.of(0x01, 0x88)],
  // Each eighth byte begins a frame of 528 bytes with a right end and a wrong CRC: the dearest bytes there are.
  ['frames in frames with a wrong CRC', Uint8Array.of(0x01, 0x88, 0xa0, 130, 0, 0, 0x99, 0x03)],
  ['acknowledgements of something else', frame(answerCode.ack, commandCode.getCanbusId)],
  ['acknowledgements of other blocks', frame(answerCode.ack, commandCode.sendBlock, 0xdead0000)],
  ['refusals', frame(answerCode.nack)],
];

const image = Uint8Array.from({ length: 4096 }, (_, at) => (at * 7 + (at >> 6)) & 0xff);

describe.each(patterns)('a Katapult that sends %s without end', (_what, pattern) => {
  it.each([
    ['from the start', 0],
    ['after it has connected', 3],
    ['in the middle of the writing', 12],
  ])('%s: is one coded error within its time', async (_when, honestWrites) => {
    const clock = new VirtualClock();
    const link = new EndlessLink(clock, pattern, honestWrites);
    const run = flashWithKatapult(link, image, { clock, expectedMcu: null, applicationAddress: null });
    const flashed = (async () => {
      while ((await run.next()).done !== true);
    })();
    const error: unknown = await flashed.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(isCanopusError(error) && error.code).toMatch(/^katapult\//);
    expect(isCanopusError(error) && error.state).toMatch(/^(untouched|katapult-partial)$/);
    expect(clock.nowMs()).toBeLessThan(120_000);
  });
});
