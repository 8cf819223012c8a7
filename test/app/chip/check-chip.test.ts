import { describe, expect, it } from 'vitest';
import { findPreset } from '../../../app/boards/preset.ts';
import { judgeChip, checkChip } from '../../../app/chip/check-chip.ts';
import type { ChipFacts } from '../../../app/chip/chip-facts.ts';
import { wantedChip, type WantedChip } from '../../../app/chip/wanted-chip.ts';
import { confirmedBoard, expectationOf, unknownBoard } from '../../../app/image/board-expectation.ts';
import { isMcuName, type McuName } from '../../../app/mcu/mcu.ts';
import { loadPresets } from '../../../main/presets.ts';
import { foreignRoms, parts, type Part } from './chip-parts.ts';

const presets = await loadPresets();

/** What was chosen: a preset with its variant, and the image for its MCU. */
function chosen(reference: string, marking: string | null = null): WantedChip {
  const choice = findPreset(presets, reference);
  const mcu = choice.variants[0]?.mcu.value;
  if (mcu === undefined || !isMcuName(mcu)) throw new Error(reference);
  const board = expectationOf(choice);
  return wantedChip(confirmedBoard(board, { chipMarking: marking, crystalHz: null }), mcu);
}

function imageOnly(mcu: McuName, marking: string | null = null): WantedChip {
  return wantedChip(confirmedBoard(unknownBoard, { chipMarking: marking, crystalHz: null }), mcu);
}

function verdict(facts: ChipFacts, wanted: WantedChip): string {
  return judgeChip(facts, wanted).problem?.code ?? 'fits';
}

describe('a chip in ROM DFU against what was chosen', () => {
  it.each<[Part, string, string]>([
    ['F446', 'octopus:f446', 'fits'],
    ['F446', 'octopus:f407', 'chip/marking-needed'],
    ['F446', 'octopus:f429', 'chip/mismatch'],
    ['F446', 'mks-monster8:f407', 'chip/marking-needed'],
    ['F407-512', 'octopus:f446', 'chip/marking-needed'],
    ['F407-512', 'octopus:f407', 'fits'],
    ['F407-512', 'octopus:f429', 'chip/mismatch'],
    ['F407-512', 'mks-monster8:f407', 'fits'],
    ['F407-512', 'btt-skr-2:f407', 'chip/mismatch'],
    ['F407-1024', 'octopus:f446', 'chip/mismatch'],
    ['F407-1024', 'octopus:f407', 'fits'],
    ['F407-1024', 'octopus:f429', 'chip/mismatch'],
    ['F407-1024', 'btt-skr-2:f407', 'fits'],
    // Its ROM was seen to describe 1024 KiB also on an STM32F407VET6.
    ['F407-1024', 'mks-monster8:f407', 'chip/marking-needed'],
    ['F405', 'octopus:f446', 'chip/mismatch'],
    ['F405', 'octopus:f429', 'chip/mismatch'],
    ['F429-1024', 'octopus:f446', 'chip/mismatch'],
    ['F429-1024', 'octopus:f407', 'chip/mismatch'],
    ['F429-1024', 'octopus:f429', 'fits'],
    ['F429-2048', 'octopus:f446', 'chip/mismatch'],
    ['F429-2048', 'octopus:f407', 'chip/mismatch'],
    ['F429-2048', 'octopus:f429', 'chip/mismatch'],
    ['F429-2048', 'generic-stm32f429:8mhz', 'fits'],
  ])('%s with %s: %s', (part, reference, expected) => {
    expect(verdict(parts[part], chosen(reference))).toBe(expected);
  });

  it.each<[keyof typeof foreignRoms, readonly string[]]>([
    // Their flash is described alike; only the serial number is of another form.
    ['G0B1', ['stm32g0b1xx', 'stm32f072xb']],
    // Both are sold with 1 MiB in sectors of 128 KiB.
    ['H723', ['stm32h723xx', 'stm32h743xx']],
    ['H743', ['stm32h743xx']],
    ['F072', ['stm32f072xb']],
    ['GD32', []],
    ['F722', []],
  ])('%s is no chip for a preset with another one', (rom, mcus) => {
    const verdicts = presets.flatMap((preset) =>
      preset.variants
        .filter(({ mcu }) => !mcus.includes(mcu.value))
        .map(({ id }) => verdict(foreignRoms[rom], chosen(`${preset.id}:${id}`))),
    );
    expect(verdicts.length).toBeGreaterThan(20);
    expect(new Set(verdicts)).toEqual(new Set(['chip/mismatch']));
  });

  it.each([
    ['G0B1', 'btt-ebb-1.2:g0b1', 'fits'],
    ['G0B1', 'fysetc-sb-can-th:f072', 'chip/marking-needed'],
    // Its ROM was seen to describe 1024 KiB on smaller parts, too.
    ['H723', 'btt-kraken:h723', 'chip/marking-needed'],
    ['F072', 'fysetc-sb-can-th:f072', 'fits'],
  ] as const)('%s with %s: %s', (rom, reference, expected) => {
    expect(verdict(foreignRoms[rom], chosen(reference))).toBe(expected);
  });

  it('names the fact, asks what it is, and offers the variants that fit', () => {
    const { problem } = judgeChip(parts['F407-1024'], chosen('octopus:f446'));
    expect(problem?.message).toBe(
      'This chip has 1024 KiB of flash; an STM32F446 has at most 512: is it an F407?',
    );
    expect(problem?.details).toMatchObject({
      fact: 'flash-size',
      flashKiB: 1024,
      fits: ['STM32F405', 'STM32F407'],
      variants: ['btt-octopus:f407'],
    });
    const withoutBoard = judgeChip(parts['F407-1024'], imageOnly('stm32f446xx')).problem;
    expect(withoutBoard?.message).toMatch(/is it an F405 or F407\?$/);
  });

  it('does not say that none of our chips fits where only the serial number speaks against them', () => {
    const odd = { ...parts['F446'], serial: '3CBJ' };
    expect(judgeChip(odd, chosen('octopus:f446')).problem?.message).toMatch(/is it an F405 or F407\?$/);
    expect(judgeChip(odd, chosen('octopus:f429')).problem?.message).toMatch(
      /is it an F405 or F407 or F446\?$/,
    );
  });

  it('says where none of our chips fits', () => {
    const { problem } = judgeChip(foreignRoms['GD32'], chosen('octopus:f407'));
    expect(problem?.message).toContain('none of the chips');
    expect(problem?.details).toMatchObject({ fact: 'sectors', fits: [], variants: [] });
  });

  it('throws untouched', () => {
    expect(() => checkChip(parts['F429-2048'], chosen('octopus:f446'))).toThrow(
      expect.objectContaining({ code: 'chip/mismatch', state: 'untouched' }),
    );
  });

  it('takes an F429 of 1 MiB in two banks', () => {
    const dual = parts['F429-dual-bank'];
    expect(verdict(dual, chosen('octopus:f429'))).toBe('fits');
    expect(verdict(dual, chosen('octopus:f407'))).toBe('chip/mismatch');
  });

  it('passes over no fact of an F407 that calls itself an F429 in one of them only', () => {
    const wanted = imageOnly('stm32f429xx');
    const { problem } = judgeChip(parts['F407-1024'], wanted);
    expect(problem?.details).toMatchObject({ fact: 'option-bytes' });
    const otp = { ...parts['F429-1024'], otp: { address: 0x1fff7000, size: 1024 } };
    expect(judgeChip(otp, wanted).problem?.details).toMatchObject({ fact: 'otp' });
  });

  it('goes by the flash size register where it can be read', () => {
    const half = { ...parts['F407-1024'], flashSizeKiB: 512 };
    expect(verdict(half, chosen('mks-monster8:f407'))).toBe('fits');
    expect(verdict(half, chosen('btt-skr-2:f407'))).toBe('chip/mismatch');
    const odd = { ...parts['F446'], flashSizeKiB: 384 };
    expect(verdict(odd, chosen('octopus:f446'))).toBe('chip/mismatch');
  });

  it('takes the serial number of a readable UID for what it is', () => {
    const facts = parts['F407-512'];
    const uid = '39001B000C51313339373836';
    expect(verdict({ ...facts, serial: '6E38544C3931'.toLowerCase(), uid }, chosen('octopus:f407'))).not.toBe(
      'chip/mismatch',
    );
    // Another UID than its serial number was made of: no ROM of an F407 does that.
    expect(verdict({ ...facts, uid }, chosen('octopus:f407'))).toBe('chip/marking-needed');
  });

  it('does not check a fact that the chip does not report', () => {
    const silent = { ...parts['F446'], optionBytes: null, otp: null, serial: null };
    expect(verdict(silent, chosen('octopus:f446'))).toBe('fits');
    const [note] = judgeChip(silent, chosen('octopus:f446')).notes;
    for (const word of ['option bytes', 'OTP', 'serial number', 'UID']) expect(note).toContain(word);
    const broken = { ...parts['F429-1024'], isWhole: false };
    expect(verdict(broken, chosen('octopus:f429'))).toBe('fits');
    expect(verdict({ ...parts['F429-2048'], isWhole: false }, chosen('octopus:f429'))).toBe('chip/mismatch');
  });
});

describe('the marking that a person read off the chip', () => {
  it.each<[Part, string, string, string]>([
    // The hint of the serial number is outweighed ...
    ['F407-512', 'octopus:f446', 'STM32F446ZET6', 'fits'],
    ['F446', 'octopus:f407', 'STM32F407ZET6', 'fits'],
    ['F407-1024', 'mks-monster8:f407', 'STM32F407VET6', 'fits'],
    // ... and so is what the preset knows of its chips,
    ['F429-2048', 'octopus:f429', 'STM32F429ZIT6', 'fits'],
    ['F407-512', 'btt-skr-2:f407', 'STM32F407VET6', 'fits'],
    // but no fact,
    ['F407-1024', 'octopus:f446', 'STM32F446ZET6', 'chip/mismatch'],
    ['F407-1024', 'octopus:f429', 'STM32F429ZGT6', 'chip/mismatch'],
    ['F407-512', 'octopus:f407', 'STM32F407ZGT6', 'chip/marking-mismatch'],
    ['F429-1024', 'octopus:f429', 'STM32F429ZIT6', 'chip/marking-mismatch'],
    // and not what was chosen.
    ['F407-512', 'octopus:f446', 'STM32F407ZET6', 'chip/marking-mismatch'],
    ['F446', 'octopus:f446', 'STM32F407ZET6', 'chip/marking-mismatch'],
    ['F446', 'octopus:f446', 'STM32G0B1CBT6', 'chip/marking-mismatch'],
  ])('of %s with %s: %s %s', (part, reference, marking, expected) => {
    expect(verdict(parts[part], chosen(reference, marking))).toBe(expected);
  });

  it('is said where the preset does not know it', () => {
    const { notes } = judgeChip(parts['F429-2048'], chosen('octopus:f429', 'STM32F429ZIT6'));
    expect(notes.at(-1)).toContain('STM32F429ZGT6');
    expect(judgeChip(parts['F429-1024'], chosen('generic-stm32f429', 'STM32F429ZGT6')).notes).toHaveLength(1);
  });
});

describe('without a board', () => {
  it.each<[Part, McuName, string]>([
    ['F446', 'stm32f446xx', 'fits'],
    ['F446', 'stm32f407xx', 'chip/marking-needed'],
    ['F407-1024', 'stm32f446xx', 'chip/mismatch'],
    ['F407-1024', 'stm32f405xx', 'fits'],
    ['F429-2048', 'stm32f429xx', 'fits'],
  ])('%s is checked against an image for an %s: %s', (part, mcu, expected) => {
    expect(verdict(parts[part], imageOnly(mcu))).toBe(expected);
  });

  it('says what was not checked, and what else it may be', () => {
    const { notes } = judgeChip(parts['F407-1024'], imageOnly('stm32f407xx'));
    expect(notes.join(' ')).toContain('No board was named');
    expect(notes.join(' ')).toContain('STM32F405');
  });
});
