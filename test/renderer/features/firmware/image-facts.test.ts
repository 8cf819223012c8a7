import { describe, expect, it } from 'vitest';
import { compareImages, factsOf, originOf } from '../../../../renderer/features/firmware/image-facts.ts';
import { inspected } from './image-samples.ts';

const valueOf = (facts: ReturnType<typeof factsOf>, name: string) =>
  facts.find((fact) => fact.name === name)?.value;

describe('what is said of an image', () => {
  it('is in words and units', async () => {
    const facts = factsOf(await inspected(1, null));
    expect(valueOf(facts, 'MCU')).toBe('STM32F446');
    expect(valueOf(facts, 'Begins at')).toBe('0x08008000');
    expect(valueOf(facts, 'Crystal')).toBe('12 MHz');
    expect(valueOf(facts, 'CAN pins')).toBe('PD0 / PD1');
    expect(valueOf(facts, 'CAN bit rate')).toBe('1000 kbit/s');
  });

  it('names the source with its changes, and the compiler', async () => {
    const one = await inspected(1, null);
    const { record } = one.image;
    const build = { ...record.build!, source: { ...record.build!.source, dirty: true } };
    const origin = originOf({ ...one, image: { ...one.image, record: { ...record, build } } });
    expect(valueOf(origin, 'Commit')).toBe(`${'a'.repeat(40)}, with changes`);
    expect(valueOf(origin, 'Compiler')).toBeNull();
    const imported = { ...record, build: null, importedFrom: 'mine.bin' };
    expect(originOf({ ...one, image: { ...one.image, record: imported } })).toContainEqual({
      name: 'Imported from',
      value: 'mine.bin',
    });
  });
});

describe('two images compared', () => {
  it('are the same where their bytes are', async () => {
    const one = await inspected(1, 'CONFIG_A=y\n');
    const comparison = compareImages(one, one);
    expect(comparison.isSame).toBe(true);
    expect(comparison.facts.some(({ differs }) => differs)).toBe(false);
    expect(comparison.config).toEqual([]);
  });

  it('differ in the symbols that differ, one that only one side has included', async () => {
    const left = await inspected(1, 'CONFIG_A=y\nCONFIG_B=1\nCONFIG_C=y\n');
    const right = await inspected(2, 'CONFIG_A=y\nCONFIG_B=2\n');
    const comparison = compareImages(left, { ...right, constants: { MCU: 'stm32f407xx' } });
    expect(comparison.isSame).toBe(false);
    expect(comparison.config).toEqual([
      { name: 'B', left: '1', right: '2', differs: true },
      { name: 'C', left: 'y', right: null, differs: true },
    ]);
    expect(comparison.constants).toEqual([
      { name: 'MCU', left: 'stm32f446xx', right: 'stm32f407xx', differs: true },
    ]);
    const differing = comparison.facts.filter(({ differs }) => differs).map(({ name }) => name);
    expect(differing).toEqual(['SHA-256']);
  });

  it('say that a configuration is not known rather than that it differs', async () => {
    expect(compareImages(await inspected(1, 'CONFIG_A=y\n'), await inspected(2, null)).config).toBeNull();
  });
});
