import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDictionaries, type DataDictionary } from '../../../app/printer/compare-dictionaries.ts';

const commands = {
  'identify offset=%u count=%c': 1,
  'config_digital_out oid=%c pin=%u value=%c default_value=%c max_duration=%u': 7,
  get_clock: 9,
};
const responses = { 'identify_response offset=%u data=%.*s': 0, 'clock clock=%u': 12 };
const dictionary = (change: object = {}): DataDictionary => ({
  ...{ version: 'v0.13.0-1-gaaaaaaaa', app: 'Klipper', commands, responses, config: { MCU: 'stm32f446xx' } },
  ...change,
});

describe('the firmware of a board beside the Klipper of its host', () => {
  it('is the same code if commit and formats are the same', () => {
    expect(compareDictionaries(dictionary(), dictionary())).toEqual({ verdict: 'same-code', formats: [] });
  });

  it('works with newer code of the same protocol, whatever the numbers of its messages', () => {
    const renumbered = Object.fromEntries(Object.keys(commands).map((format, index) => [format, 90 + index]));
    const host = dictionary({ version: 'v0.13.0-9-gbbbbbbbb', commands: renumbered });
    expect(compareDictionaries(dictionary(), host).verdict).toBe('same-protocol');
  });

  it('may have commands that the host does not know', () => {
    const board = dictionary({ version: 'v0.12.0', commands: { ...commands, 'old_one oid=%c': 40 } });
    expect(compareDictionaries(board, dictionary()).verdict).toBe('same-protocol');
  });

  it('must be written if it lacks a command or a response, or has it in another form', () => {
    const host = dictionary({
      version: 'v0.14.0-0-gcccccccc',
      commands: {
        ...commands,
        'new_one oid=%c': 50,
        'config_digital_out oid=%c pin=%u value=%c': 7,
      },
      responses: { ...responses, 'clock clock=%u high=%u': 12 },
    });
    expect(compareDictionaries(dictionary(), host)).toEqual({
      verdict: 'must',
      formats: [
        { name: 'clock', board: 'clock clock=%u', host: 'clock clock=%u high=%u' },
        {
          name: 'config_digital_out',
          board: 'config_digital_out oid=%c pin=%u value=%c default_value=%c max_duration=%u',
          host: 'config_digital_out oid=%c pin=%u value=%c',
        },
        { name: 'new_one', board: null, host: 'new_one oid=%c' },
      ],
    });
  });

  it.each(['', '?', undefined])(
    'is not called the same code for a version of %j on both sides',
    (version) => {
      expect(compareDictionaries(dictionary({ version }), dictionary({ version })).verdict).toBe(
        'same-protocol',
      );
    },
  );

  it('is never called fit if a format of the host is missing, and a comparison with itself is empty', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 8 });
    const words = fc.constantFrom('', ' oid=%c', ' oid=%c pin=%u', ' data=%*s');
    const formats = names.chain((all) =>
      fc
        .tuple(...all.map((name) => words.map((each) => name + each)))
        .map((list) => Object.fromEntries(list.map((format, index) => [format, index]))),
    );
    fc.assert(
      fc.property(formats, formats, (board, host) => {
        const { verdict, formats: found } = compareDictionaries(
          dictionary({ commands: board, responses: {} }),
          dictionary({ commands: host, responses: {} }),
        );
        const lacks = Object.keys(host).filter((format) => !(format in board));
        expect(found.map((each) => each.host).toSorted()).toEqual(lacks.toSorted());
        expect(verdict === 'must').toBe(lacks.length > 0);
      }),
    );
  });

  it('takes whatever a board sends for a dictionary', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (anything) => {
        compareDictionaries(anything, dictionary());
        compareDictionaries(dictionary(), anything);
      }),
    );
  });
});
