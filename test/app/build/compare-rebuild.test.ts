import { describe, expect, it } from 'vitest';
import { compareRebuild, type Rebuilt } from '../../../app/build/compare-rebuild.ts';
import { exportedRecordSchema, type ExportedRecord } from '../../../app/build/exported-record.ts';

const tools = [
  { name: 'arm-none-eabi-gcc', version: '12.2.1' },
  { name: 'make', version: '4.3' },
];
const record: ExportedRecord = {
  format: 'canopus-image-record-1',
  image: { sha256: 'a'.repeat(64), size: 30_000, version: 'v0.13.0' },
  target: 'klipper',
  recipe: {
    ...{ mcu: 'stm32f446xx', crystalHz: 12_000_000, applicationOffset: 0x8000, role: 'bridge' },
    ...{ canPins: ['PD0', 'PD1'], bitrateBps: 1_000_000, extra: { katapult: {}, klipper: {} } },
  },
  source: { location: '', commit: 'c'.repeat(40), treeId: 't', version: 'v0.13.0', dirty: false },
  configuration: 'CONFIG_A=y\nCONFIG_B=0x8008000\n# CONFIG_C is not set\n',
  toolchain: { identity: 'one', tools },
  station: '0.1.0',
  builtAt: '2026-11-30T00:00:00.000Z',
};
const same: Rebuilt = {
  ...{ sha256: record.image.sha256, size: 30_000, treeId: 't', version: 'v0.13.0' },
  ...{ configuration: record.configuration, toolchain: record.toolchain },
};

describe('an image that was built again', () => {
  it('is identical if its bytes are', () => {
    expect(compareRebuild(record, same)).toEqual({ isIdentical: true, differences: [] });
  });

  it('may be identical although another compiler made it, which is said', () => {
    const toolchain = {
      identity: 'two',
      tools: [{ name: 'arm-none-eabi-gcc', version: '13.2.1' }, ...tools.slice(1)],
    };
    expect(compareRebuild(record, { ...same, toolchain })).toEqual({
      isIdentical: true,
      differences: ['arm-none-eabi-gcc: 12.2.1 there, 13.2.1 here.'],
    });
  });

  it('with tools of the same versions may still have other libraries', () => {
    const { differences } = compareRebuild(record, { ...same, toolchain: { identity: 'two', tools } });
    expect(differences).toEqual(['The tool chain: the same versions with other libraries.']);
  });

  it('has symbols compared by what they mean, and not all of them listed', () => {
    const configuration = 'CONFIG_A=y\nCONFIG_B=134250496\n';
    expect(compareRebuild(record, { ...same, configuration }).differences).toEqual([]);
    const many = Array.from({ length: 15 }, (_, index) => `CONFIG_X${index}=y\n`).join('');
    const { differences } = compareRebuild(record, { ...same, configuration: `${configuration}${many}` });
    expect(differences).toHaveLength(11);
    expect(differences[0]).toBe('X0: none there, y here.');
    expect(differences[10]).toBe('5 more symbols of the configuration differ.');
  });

  it('is another one if a byte is, with both hashes', () => {
    const verdict = compareRebuild(record, { ...same, sha256: 'b'.repeat(64), treeId: 'u' });
    expect(verdict.isIdentical).toBe(false);
    expect(verdict.differences).toEqual([
      'The sources: tree t there, u here.',
      expect.stringContaining(`${'a'.repeat(64)} there, 30000 bytes with ${'b'.repeat(64)} here`),
    ]);
  });
});

it('a record is read as it was written, and nothing else is', () => {
  expect(exportedRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
  for (const wrong of [{ ...record, format: 'x' }, { ...record, image: {} }, {}, null, []]) {
    expect(exportedRecordSchema.safeParse(wrong).success).toBe(false);
  }
});
