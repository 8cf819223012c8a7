import { zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { describeImage } from '../../../app/image/inspect-image.ts';
import { findProblems } from '../../../app/image/check-image.ts';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import { CanopusError } from '../../../app/errors.ts';
import { makeDeployerImage, makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { concat, Random } from '../../fixtures/random.ts';
import { cases } from '../../counts.ts';

/** Whatever the bytes: a description that can be checked, or the one error that says it is no image. */
function inspect(bytes: Uint8Array): void {
  try {
    const info = { ...describeImage(bytes), sha256: '' };
    findProblems(info, unknownBoard, {
      through: 'katapult',
      by: 'katapult',
      applicationStart: 0x08008000,
      mcu: 'stm32f446xx',
    });
    findProblems(info, unknownBoard, { through: 'dfu' });
  } catch (error) {
    if (!(error instanceof CanopusError) || error.code !== 'image/not-an-image') throw error;
  }
}

const head = makeKlipperImage({ size: 2048 }).subarray(0, 64);

describe('the image inspector', () => {
  it('survives random and mutated images', { timeout: 60_000 }, () => {
    const random = new Random(20_251_121);
    const katapult = makeKatapultImage({ size: 1024 });
    const rest = [
      makeKlipperImage({ size: 1536 }),
      makeKlipperImage({ size: 1536, role: 'node' }),
      makeDeployerImage({ katapult }),
    ];
    for (let run = 0; run < cases(65_000); run++) inspect(random.bytes(random.below(48)));
    for (let run = 0; run < cases(27_000); run++) inspect(concat(head, random.bytes(random.below(96))));
    for (let run = 0; run < cases(6_000); run++) inspect(random.mutate(katapult));
    for (let run = 0; run < cases(2_000); run++) inspect(random.mutate(random.pick(rest)));
  });

  const hostile: [string, Uint8Array][] = [
    ['nothing but zlib headers', Uint8Array.of(0x78, 0xda)],
    ['zlib headers with a dynamic block', Uint8Array.of(0x78, 0xda, 0xed)],
    ['Katapult’s mark', new TextEncoder().encode('CanBoot!')],
    ['the end of a bit rate search', Uint8Array.of(0x09, 0x28)],
    ['the start of RAM', Uint8Array.of(0, 0, 0, 0x20)],
    [
      'streams that unpack to megabytes',
      zlibSync(new TextEncoder().encode(`{"a":"${'x'.repeat(2_000_000)}`), { level: 9 }),
    ],
    ['deeply nested JSON', zlibSync(new TextEncoder().encode(`{"a":${'['.repeat(400_000)}`), { level: 9 })],
    ['erased flash', Uint8Array.of(0xff)],
  ];

  it.each(hostile)('takes a bounded processor time for two megabytes of %s', (_name, pattern) => {
    const bytes = new Uint8Array(2 * 1024 * 1024);
    for (let at = 0; at + pattern.length <= bytes.length; at += pattern.length) bytes.set(pattern, at);
    bytes.set(head);
    // Not the clock on the wall: other programs may have the processor.
    const start = process.cpuUsage();
    inspect(bytes);
    const { user, system } = process.cpuUsage(start);
    expect(user + system).toBeLessThan(5_000_000);
  });
});
