import { describe, expect, it } from 'vitest';
import { noConfirmations } from '../../../app/boards/confirmations.ts';
import type { McuName } from '../../../app/mcu/mcu.ts';
import {
  confirmedBoard,
  unknownBoard,
  type BoardExpectation,
  type ImageTarget,
} from '../../../app/image/board-expectation.ts';
import { checkImage, checkImages, findProblems } from '../../../app/image/check-image.ts';
import type { ImageInfo } from '../../../app/image/image-info.ts';
import { isDoubt } from '../../../app/image/image-problem.ts';
import { describeImage } from '../../../app/image/inspect-image.ts';
import { findCrystal } from '../../../app/image/find-crystal.ts';
import { readWords } from '../../../app/image/words.ts';
import type { ClockCodeForm } from '../../../main/sim/clock-code.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { errorDetails } from '../../fixtures/error-details.ts';
import { Random } from '../../fixtures/random.ts';
import { cases } from '../../counts.ts';

const mcus: readonly McuName[] = ['stm32f405xx', 'stm32f407xx', 'stm32f429xx', 'stm32f446xx'];
const forms: readonly ClockCodeForm[] = ['literal', 'folded'];
const combinations = mcus.flatMap((mcu) => forms.map((clockCode) => ({ mcu, clockCode })));

describe.each(combinations)('for $mcu, the clock set-up $clockCode', ({ mcu, clockCode }) => {
  const board: BoardExpectation = {
    variants: [{ reference: 'a:b', mcu, markings: [], crystalHz: 12_000_000, flashBytes: 512 * 1024 }],
    offers: [],
    applicationAddress: 0x08008000,
    role: 'bridge',
    canPins: ['PD0', 'PD1'],
    bitrateBps: 1_000_000,
    confirmed: noConfirmations,
  };
  const throughKatapult: ImageTarget = {
    through: 'katapult',
    by: 'katapult',
    applicationStart: 0x08008000,
    mcu,
  };

  function problems(crystalHz: number | null): { klipper: string[]; katapult: string[] } {
    const options = { mcu, clockCode, crystalHz };
    const [klipper, katapult] = [makeKlipperImage(options), makeKatapultImage(options)].map((image) => ({
      ...describeImage(image),
      sha256: '',
    }));
    if (!klipper || !katapult) throw new Error('two images were made');
    return {
      klipper: findProblems(klipper, board, throughKatapult).map(({ code }) => code),
      katapult: findProblems(katapult, board, { through: 'dfu' }).map(({ code }) => code),
    };
  }

  it('an image for the crystal of the board is accepted', () => {
    expect(problems(12_000_000)).toEqual({ klipper: [], katapult: [] });
  });

  it.each([8, 16, 20, 24, 25, 32])('its twin for %i MHz is refused', (mhz) => {
    const codes = ['image/wrong-crystal'];
    expect(problems(mhz * 1e6)).toEqual({ klipper: codes, katapult: codes });
  });

  it('its twin for the internal oscillator is refused', () => {
    const codes = ['image/wrong-crystal'];
    expect(problems(null)).toEqual({ klipper: codes, katapult: codes });
  });
});

describe('an image that does not state its crystal', () => {
  const options = { clockCode: 'read' } as const;
  const [katapult, klipper] = [makeKatapultImage(options), makeKlipperImage(options)].map((image) => ({
    ...describeImage(image),
    sha256: '',
  })) as [ImageInfo, ImageInfo];
  const told = { ...describeImage(makeKlipperImage()), sha256: '' };
  const dfu: ImageTarget = { through: 'dfu' };
  const f446: BoardExpectation = {
    ...unknownBoard,
    variants: [
      { reference: 'a:b', mcu: 'stm32f446xx', markings: [], crystalHz: 12_000_000, flashBytes: null },
      { reference: 'a:b', mcu: 'stm32f407xx', markings: [], crystalHz: 8_000_000, flashBytes: null },
    ],
  };

  function problemsFor(crystalHz: number | null, board: BoardExpectation): string[] {
    const confirmed = confirmedBoard(board, { chipMarking: null, crystalHz });
    return findProblems(katapult, confirmed, dfu).map(({ code }) => code);
  }

  it.each([
    ['of a preset', f446],
    ['of which nothing is known', unknownBoard],
  ])('is a doubt for a board %s, until a person vouches for the crystal', (_name, board) => {
    expect(katapult.crystalHz).toBeNull();
    expect(problemsFor(null, board)).toEqual(['image/crystal-unknown']);
    expect(findProblems(katapult, board, dfu).every(isDoubt)).toBe(true);
    expect(problemsFor(12_000_000, board)).toEqual([]);
  });

  it('is refused where what the person says is not the crystal of the board', () => {
    expect(problemsFor(8_000_000, f446)).toEqual(['image/wrong-crystal']);
    expect(findProblems(katapult, f446, dfu).some(isDoubt)).toBe(true);
  });

  it('needs a person too where the crystal of the board is not known', () => {
    const variants = [
      { reference: 'a:b', mcu: 'stm32f446xx', markings: [], crystalHz: null, flashBytes: null },
    ];
    expect(problemsFor(null, { ...unknownBoard, variants })).toEqual(['image/crystal-unknown']);
    expect(problemsFor(8_000_000, { ...unknownBoard, variants })).toEqual([]);
  });

  it('says what is known of the board, and leaves it untouched', () => {
    expect(() => {
      checkImage(katapult, f446, dfu);
    }).toThrow(
      expect.objectContaining({
        code: 'image/crystal-unknown',
        state: 'untouched',
        details: { image: null, board: ['12 MHz'] },
      }),
    );
  });

  it('does not make another that states its crystal less certain', () => {
    const board = confirmedBoard(f446, { chipMarking: null, crystalHz: 8_000_000 });
    const through: ImageTarget = {
      through: 'katapult',
      by: 'katapult',
      applicationStart: 0x08008000,
      mcu: 'stm32f446xx',
    };
    expect(findProblems(told, board, through)).toEqual([]);
  });

  it('must be confirmed for the crystal that the other image states', () => {
    const pair = (crystalHz: number): (() => void) => {
      const board = confirmedBoard(unknownBoard, { chipMarking: null, crystalHz });
      return () => {
        checkImages({ bootloader: katapult, application: told }, board);
      };
    };
    expect(errorDetails(pair(8_000_000)).code).toBe('image/wrong-crystal');
    expect(pair(12_000_000)).not.toThrow();
  });

  it('is one question for a pair of which neither states it', () => {
    const board = confirmedBoard(unknownBoard, { chipMarking: null, crystalHz: 8_000_000 });
    expect(() => {
      checkImages({ bootloader: katapult, application: klipper }, board);
    }).not.toThrow();
  });
});

describe('two images for one board that is not known', () => {
  it('are refused if they state two crystals', () => {
    const [katapult, klipper] = [makeKatapultImage({ crystalHz: 8e6 }), makeKlipperImage()].map((image) => ({
      ...describeImage(image),
      sha256: '',
    })) as [ImageInfo, ImageInfo];
    expect(() => {
      checkImages({ bootloader: katapult, application: klipper }, unknownBoard);
    }).toThrow(expect.objectContaining({ code: 'image/wrong-crystal', state: 'untouched' }));
  });
});

const draws = cases(100_000);

describe('damage anywhere but in the clock set-up', () => {
  it('never makes the crystal another one', { timeout: 120_000 }, () => {
    const random = new Random(20_251_130);
    const images = combinations.map(({ mcu, clockCode }) => {
      const whole = makeKatapultImage({ mcu, clockCode, crystalHz: 12_000_000 });
      const { start, end } = findClock(whole);
      // Near enough to branch into it, and few enough bytes that many are tried.
      const image = whole.slice(start - 96, end + 96);
      return { mcu, image, clock: { start: 96, end: image.length - 96 } };
    });
    let told = 0;
    for (let run = 0; run < draws; run++) {
      const { mcu, image, clock } = random.pick(images);
      const damaged = image.slice();
      for (let count = random.below(12); count >= 0; count--) {
        const at = random.below(image.length);
        if (at < clock.start || at >= clock.end) damaged[at] = random.below(256);
      }
      const crystalHz = findCrystal(readWords(damaged), mcu);
      if (crystalHz !== null && crystalHz !== 12_000_000) throw new Error(`${crystalHz} Hz in run ${run}`);
      if (crystalHz !== null) told++;
    }
    // There are values to find: most of them are still found.
    expect(told).toBeGreaterThan(draws * 0.5);
  });

  it('in the code itself, a lost instruction or one too many, is never sure of another crystal', () => {
    for (const { mcu, clockCode } of combinations) {
      const image = makeKatapultImage({ mcu, clockCode, size: 1024, crystalHz: 12_000_000 });
      const { start, codeEnd } = findClock(image);
      for (let at = start; at < codeEnd; at += 2) {
        for (const half of [0xbf00, 0x0000, 0xe7fe, 0xffff, 0xbf18, 0x2500, 0x4605, 0x4770]) {
          const damaged = image.slice();
          new DataView(damaged.buffer).setUint16(at, half, true);
          const crystalHz = findCrystal(readWords(damaged), mcu);
          expect([null, 12_000_000], `${half.toString(16)} at ${at}`).toContain(crystalHz);
        }
      }
    }
  });
});

/** Where the clock code of a sample begins (its first store) and ends, with its literals. */
function findClock(image: Uint8Array): { start: number; codeEnd: number; end: number } {
  const view = new DataView(image.buffer, image.byteOffset);
  const isAt = (at: number, word: number): boolean => view.getUint32(at, true) === word;
  for (let at = 0; at + 8 < image.length; at += 4) {
    if (!isAt(at, 0x40023800) || !isAt(at + 4, 0x24003010)) continue;
    // The code is no longer than eleven halfwords and stands right before.
    return { start: at - 24, codeEnd: at, end: at + 12 };
  }
  throw new Error('the sample has no clock set-up');
}
