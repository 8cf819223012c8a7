import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPreset, parsePreset, parsePresets, searchPresets } from '../../../app/boards/preset.ts';
import { errorDetails } from '../../fixtures/error-details.ts';

const directory = new URL('../../../resources/boards/', import.meta.url);
const files = readdirSync(directory).map((name) => ({
  name,
  text: readFileSync(new URL(name, directory), 'utf8'),
}));
const presets = parsePresets(files);

/** The Octopus file with one thing in it changed. */
function changed(change: (json: Record<string, unknown>) => void): string {
  const file = files.find(({ name }) => name === 'btt-octopus.json');
  const json = JSON.parse(file?.text ?? '') as Record<string, unknown>;
  change(json);
  return JSON.stringify(json);
}

function refusal(change: (json: Record<string, unknown>) => void) {
  return errorDetails(() => parsePreset('btt-octopus.json', changed(change)));
}

describe('the presets of this repository', () => {
  it('are all valid, and named like their files', () => {
    const names = files.map(({ name }) => name).sort();
    expect(presets.map(({ id }) => `${id}.json`).sort()).toEqual(names);
  });

  it('have a generic one for each chip of the boards that the station is for', () => {
    for (const mcu of ['stm32f407xx', 'stm32f429xx', 'stm32f446xx']) {
      const generic = presets.find(({ id }) => id === `generic-${mcu.slice(0, -2)}`);
      expect(generic?.variants.every((variant) => variant.mcu.value === mcu)).toBe(true);
    }
  });

  it.each([
    ['btt-octopus:f446', 'stm32f446xx', 12_000_000],
    ['btt-octopus:f407', 'stm32f407xx', 8_000_000],
    ['btt-octopus:f429', 'stm32f429xx', 8_000_000],
    ['generic-stm32f407:25mhz', 'stm32f407xx', 25_000_000],
  ])('have %s as %s with %i Hz', (reference, mcu, crystalHz) => {
    const { variants } = findPreset(presets, reference);
    expect(variants.map((variant) => [variant.mcu.value, variant.crystalHz.value])).toEqual([
      [mcu, crystalHz],
    ]);
  });

  it('know the CAN pins that the makers gave their boards', () => {
    const pins = Object.fromEntries(presets.map(({ id, canPins }) => [id, canPins.value?.join('/') ?? null]));
    expect(pins).toMatchObject({
      'btt-octopus': 'PD0/PD1',
      'mks-monster8': 'PB8/PB9',
      'ldo-leviathan-1.2': 'PB5/PB6',
      'btt-skr-2': null,
    });
  });

  it('ask for unplugged heaters where DFU may switch them on, and say for which version that is stated', () => {
    const hazardsOf = (id: string) => findPreset(presets, id).preset.hazards.value;
    expect(hazardsOf('mks-monster8')).toMatchObject([{ kind: 'heaters', statedFor: 'v2' }]);
    expect(hazardsOf('btt-octopus-pro-1.0')).toMatchObject([
      { kind: 'heaters', statedFor: expect.stringMatching(/STM32H723/) as string },
    ]);
    for (const id of ['btt-octopus-pro-1.0', 'mks-monster8'])
      expect(hazardsOf(id)?.every(({ confirm }) => confirm !== null)).toBe(true);
  });

  it('warn of the first revision of the SKR 2, and of the pin that gives its drivers power', () => {
    const { hazards, notes } = findPreset(presets, 'skr-2').preset;
    expect(hazards.value).toHaveLength(1);
    expect(hazards.value?.[0]?.statedFor).toMatch(/first revision/);
    expect(hazards.value?.[0]?.confirm).toMatch(/Rev A/);
    expect(notes.some(({ value }) => /PC13/.test(value))).toBe(true);
  });

  it('tell the three F446 Spiders apart', () => {
    const facts = ['fysetc-spider-1', 'fysetc-spider-2', 'fysetc-spider-3'].map((id) => {
      const { variants, canPins, transceiver, termination, boot0 } = findPreset(presets, id).preset;
      return {
        chip: variants.map(({ mcu, crystalHz }) => [mcu.value, crystalHz.value]),
        can: canPins.value,
        rest: [transceiver.value, termination.value, boot0.value],
      };
    });
    const same = { chip: [['stm32f446xx', 12_000_000]], can: ['PD0', 'PD1'] };
    expect(facts).toEqual([
      { ...same, rest: ['external', 'on-transceiver', 'jumper'] },
      { ...same, rest: ['external', 'on-transceiver', 'jumper'] },
      { ...same, rest: ['on-board', 'fixed', 'button'] },
    ]);
  });

  it('do not reject a Spider v3.0: only its H7 version is another board', () => {
    const others = findPreset(presets, 'fysetc-spider-3').preset.otherVariants.map(({ label }) => label);
    expect(others).toEqual(['Spider v3.0 H7']);
    expect(findPreset(presets, 'fysetc-spider-2').preset.otherVariants).toEqual([]);
  });

  it('offer no crystal for F446 that its USB clock cannot be made from', () => {
    const crystals = findPreset(presets, 'generic-stm32f446').variants.map(
      ({ crystalHz }) => crystalHz.value / 1e6,
    );
    expect(crystals).toEqual([8, 12, 16, 20]);
  });
});

describe('parsePreset', () => {
  it('refuses what is not JSON, naming the file', () => {
    expect(errorDetails(() => parsePreset('a.json', '{'))).toEqual({
      code: 'preset/invalid',
      file: 'a.json',
      field: '',
    });
  });

  it.each<[string, (json: Record<string, unknown>) => void]>([
    ['maker', (json) => delete json['maker']],
    ['id', (json) => (json['id'] = 'Octopus!')],
    ['usbPins.source', (json) => (json['usbPins'] = { value: ['PA11', 'PA12'] })],
    ['canPins.value[1]', (json) => (json['canPins'] = { value: ['PD0', 'D1'], source: 'can-guide' })],
    [
      'applicationOffsetKiB.value',
      (json) => (json['applicationOffsetKiB'] = { value: 33, source: 'katapult' }),
    ],
    [
      'hazards.value[0].statedFor',
      (json) => {
        const hazard = { kind: 'other', text: 'Mind the step.', confirm: null };
        json['hazards'] = { value: [hazard], source: 'can-guide' };
      },
    ],
    ['variants', (json) => (json['variants'] = [])],
    ['', (json) => (json['speed'] = 1)],
  ])('refuses a wrong %s, naming the field', (field, change) => {
    expect(refusal(change)).toEqual({ code: 'preset/invalid', file: 'btt-octopus.json', field });
  });

  it('refuses a value whose source is not listed', () => {
    const details = refusal((json) => (json['canPins'] = { value: ['PD0', 'PD1'], source: 'hearsay' }));
    expect(details).toMatchObject({ code: 'preset/invalid', field: 'canPins.source' });
  });

  it('refuses a step that points at a part the board does not have', () => {
    const details = refusal((json) => {
      json['romEntry'] = { value: [{ text: 'Press it.', parts: ['big-red-button'] }], source: 'can-guide' };
    });
    expect(details).toMatchObject({ code: 'preset/invalid', field: 'romEntry.value[0].parts' });
  });

  it('refuses two variants with one id', () => {
    const details = refusal(
      (json) => (json['variants'] = [...(json['variants'] as unknown[]), (json['variants'] as unknown[])[0]]),
    );
    expect(details).toMatchObject({ code: 'preset/invalid', field: 'variants[4].id' });
  });

  it('refuses a file that is not named like its preset', () => {
    expect(
      errorDetails(() =>
        parsePreset(
          'octopus.json',
          changed(() => undefined),
        ),
      ),
    ).toMatchObject({ field: 'id' });
  });
});

describe('parsePresets', () => {
  it('refuses an id or an alias that two presets have', () => {
    const twin = changed((json) => {
      json['id'] = 'twin';
      json['aliases'] = ['OCTOPUS'];
    });
    const all = [...files, { name: 'twin.json', text: twin }];
    expect(errorDetails(() => parsePresets(all))).toEqual({
      code: 'preset/invalid',
      file: 'twin.json',
      field: 'aliases[0]',
    });
  });

  it('refuses a shared name that is the name of one board alone', () => {
    const twin = changed((json) => {
      json['id'] = 'twin';
      json['aliases'] = [];
      json['sharedNames'] = ['octopus'];
    });
    const all = [...files, { name: 'twin.json', text: twin }];
    expect(errorDetails(() => parsePresets(all))).toMatchObject({
      file: 'twin.json',
      field: 'sharedNames[0]',
    });
  });
});

describe('findPreset', () => {
  it('finds by id and alias in any case, with all variants or the one that is named', () => {
    expect(findPreset(presets, 'OCTOPUS').variants).toHaveLength(4);
    expect(findPreset(presets, 'leviathan').preset.id).toBe('ldo-leviathan-1.2');
  });

  it('names what there is where there is no such preset or variant', () => {
    expect(errorDetails(() => findPreset(presets, 'ender3'))).toMatchObject({
      code: 'preset/unknown',
      meant: null,
    });
    expect(errorDetails(() => findPreset(presets, 'octopus:f103'))).toMatchObject({
      code: 'preset/unknown',
      known: ['btt-octopus:f446', 'btt-octopus:f429', 'btt-octopus:f407', 'btt-octopus:h723'],
    });
  });

  it.each([
    ['octpus', 'octopus'],
    ['octopuss:f446', 'octopus:f446'],
    ['octopus:f44', 'octopus:f446'],
    ['btt-octopuspro', null],
    ['octopus:f103', null],
  ])('guesses what was meant by %s: %s', (reference, similar) => {
    expect(errorDetails(() => findPreset(presets, reference))).toMatchObject({
      code: 'preset/unknown',
      similar,
    });
  });

  it.each(['octopus/f446', 'Octopus f446', 'octopus-F446', 'octopus@f446', 'octopus, f446'])(
    'names the reference with a colon for %s',
    (reference) => {
      expect(errorDetails(() => findPreset(presets, reference))).toMatchObject({
        code: 'preset/unknown',
        meant: 'octopus:f446',
      });
    },
  );

  it.each(['spider', 'SPIDER', 'spider:f446', 'fysetc-spider'])(
    'names all boards that are called %s instead of taking one of them',
    (reference) => {
      expect(errorDetails(() => findPreset(presets, reference))).toMatchObject({
        code: 'preset/ambiguous',
        known: ['fysetc-spider-1', 'fysetc-spider-2', 'fysetc-spider-3'],
      });
    },
  );

  it('takes the only one that has a name which others could share', () => {
    const one = presets.filter(({ id }) => id === 'fysetc-spider-2');
    expect(findPreset(one, 'spider').preset.id).toBe('fysetc-spider-2');
  });
});

describe('a board with an STM32F103', () => {
  it('is refused as a preset, because that chip cannot be a bridge', () => {
    expect(() =>
      parsePreset(
        'btt-octopus.json',
        changed((json) => {
          const [variant] = json['variants'] as [Record<string, unknown>];
          variant['mcu'] = { value: 'stm32f103xe', source: 'klipper-config' };
        }),
      ),
    ).toThrow(/roles\.value has a bridge, which no STM32F103 can be: its USB and CAN/);
  });

  it.each(['stm32f103', 'f103', 'octopus:f103'])('is not known as %s, and why is said', (reference) => {
    expect(() => findPreset(presets, reference)).toThrow(/STM32F103 cannot be a USB-to-CAN bridge/);
  });
});

describe('searchPresets', () => {
  it('finds by words of the name, the maker, an alias or the marking on the chip', () => {
    const ids = [
      'btt-octopus',
      'btt-octopus-pro-1.0',
      'btt-octopus-pro-1.1',
      'fysetc-spider-2',
      'mks-monster8',
    ];
    const some = presets.filter(({ id }) => ids.includes(id));
    const search = (query: string) => searchPresets(some, query).map(({ id }) => id);
    expect(search('monster')).toEqual(['mks-monster8']);
    expect(search('octopus pro')).toEqual(['btt-octopus-pro-1.0', 'btt-octopus-pro-1.1']);
    expect(search('STM32F407ZGT6')).toEqual(['btt-octopus']);
    expect(search('fysetc-spider')).toEqual(['fysetc-spider-2']);
    expect(search('')).toHaveLength(some.length);
    expect(search('no such board')).toEqual([]);
  });
});
