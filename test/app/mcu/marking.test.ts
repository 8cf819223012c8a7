import { describe, expect, it } from 'vitest';
import { parseMarking, partOf } from '../../../app/mcu/marking.ts';

describe('the marking that a person types', () => {
  it.each([
    ['STM32F407ZET6', 'STM32F407ZET6'],
    ['stm32f407zet6', 'STM32F407ZET6'],
    [' STM32 F407\nZET6 ', 'STM32F407ZET6'],
    ['f407-zgt6', 'STM32F407ZGT6'],
    ['F446ZE', 'STM32F446ZE'],
    ['ARM STM32F446ZET6 GH25J VG PHL 7B 928', 'STM32F446ZET6'],
    ['STM32G0B1CBT6', 'STM32G0B1CBT6'],
  ])('%j is read as %s', (typed, marking) => {
    expect(parseMarking(typed)).toBe(marking);
  });

  it.each(['', 'STM32F407', 'F4', 'GD32F407ZET6', 'APM32F407VGT6', 'AT32F437ZMT7', 'octopus', '12 MHz'])(
    'refuses %j, which is no marking of an STM32 with its ordering code',
    (typed) => {
      expect(() => parseMarking(typed)).toThrow(expect.objectContaining({ code: 'chip/bad-marking' }));
    },
  );
});

describe('what a marking states', () => {
  it.each([
    ['STM32F446ZET6', 'stm32f446xx', 512],
    ['STM32F446RCT6', 'stm32f446xx', 256],
    ['STM32F407ZET6', 'stm32f407xx', 512],
    ['STM32F407ZGT6', 'stm32f407xx', 1024],
    ['STM32F405RGT6', 'stm32f405xx', 1024],
    ['STM32F429ZGT6', 'stm32f429xx', 1024],
    ['STM32F429ZIT6', 'stm32f429xx', 2048],
    ['STM32F407', 'stm32f407xx', null],
    ['STM32G0B1CBT6', 'stm32g0b1xx', 128],
    ['STM32H723ZGT6', 'stm32h723xx', 1024],
    ['STM32H743VIT6', 'stm32h743xx', 2048],
    ['STM32F072CBT6', 'stm32f072xb', 128],
    ['STM32F042F6P6', 'stm32f042x6', 32],
    ['STM32F103C8T6', 'stm32f103xe', 64],
    ['STM32H750VBT6', null, null],
  ])('of %s: %s with %s KiB', (text, mcu, flashKiB) => {
    expect(partOf(text)).toEqual({ mcu, flashKiB });
  });
});
