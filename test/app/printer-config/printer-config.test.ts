import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfigFile, type ConfigFile } from '../../../app/printer-config/config-file.ts';
import { decodeConfigText, encodeConfigText } from '../../../app/printer-config/config-text.ts';
import { optionValue, readConfigTree, type ConfigTree } from '../../../app/printer-config/config-tree.ts';
import { applyLineEdits } from '../../../app/printer-config/line-edits.ts';
import { canbusSections, editCanbus } from '../../../app/printer-config/set-canbus.ts';
import { buildPrinterConfigs } from '../../fixtures/printer-configs.ts';
import { cases } from '../../counts.ts';

const uuid = '0beb0175188a';

function treeOf(files: Readonly<Record<string, string>>): ConfigTree {
  const parsed = Object.entries(files).map(([path, text]) =>
    parseConfigFile(`/config/${path}`, text, path === 'printer.cfg'),
  );
  const main = parsed.find((file) => file.path === '/config/printer.cfg');
  if (!main) throw new Error('no main file');
  return readConfigTree(main, parsed);
}

/** The files after the edit, with the tree read anew. */
function edited(
  files: Readonly<Record<string, string>>,
  section: string,
  canbusInterface = 'can0',
): { files: Record<string, string>; changed: ConfigFile[]; tree: ConfigTree } {
  const changes = editCanbus(treeOf(files), { section, canbusUuid: uuid, canbusInterface });
  const after = { ...files };
  for (const { file, edits } of changes)
    after[file.path.slice('/config/'.length)] = applyLineEdits(file, edits);
  return { files: after, changed: changes.map(({ file }) => file), tree: treeOf(after) };
}

const linesOf = (file: ConfigFile, part: 'content' | 'whole'): string[] =>
  Array.from({ length: file.lines.length }, (_, line) => file.lines[part](line));

const lineEnd = /\r\n|\n|\r/;

describe('built configurations', () => {
  const configs = buildPrinterConfigs(320);

  it.each(configs.map((config) => [config.name, config] as const))(
    '%s: identity, and one edit each',
    (_, config) => {
      for (const [path, text] of Object.entries(config.files)) {
        const file = parseConfigFile(path, text);
        expect(applyLineEdits(file, [])).toBe(text);
        expect(linesOf(file, 'whole').join('')).toBe(text);
      }
      for (const section of [...config.mcus, 'mcu brandnew']) {
        const before = treeOf(config.files);
        const { files, tree } = edited(config.files, section);
        expect(optionValue(tree, section, 'canbus_uuid')).toBe(uuid);
        expect(optionValue(tree, section, 'canbus_interface') ?? 'can0').toBe('can0');
        for (const name of ['serial', 'baud', 'restart_method'])
          expect(optionValue(tree, section, name)).toBeNull();
        // Whatever else was set reads as before.
        const others = (each: ConfigTree) =>
          each.statements.flatMap(({ statement }) =>
            statement.kind === 'option' && statement.section !== section
              ? [[statement.section, statement.name, statement.value]]
              : [],
          );
        expect(others(tree)).toEqual(others(before));
        // Only new lines, lines with the value, and lines that got a # differ.
        for (const [path, text] of Object.entries(files)) {
          const old = (config.files[path] ?? '').split(lineEnd);
          const kept = text.split(lineEnd).filter((line) => !old.includes(line));
          for (const line of kept) {
            const fine =
              line === '' ||
              old.includes(line.replace(/^#/, '')) ||
              line.includes(uuid) ||
              line === `[${section}]` ||
              /canbus_interface/i.test(line);
            expect(fine, line).toBe(true);
          }
        }
        // Once more changes nothing.
        expect(edited(files, section).changed).toEqual([]);
        // The auto-saved block stays byte for byte, and last.
        const marker = '#*# <---';
        const tail = (text: string) => (text.includes(marker) ? text.slice(text.indexOf(marker)) : '');
        expect(tail(files['printer.cfg'] ?? '')).toBe(tail(config.files['printer.cfg'] ?? ''));
      }
    },
  );
});

describe('any text at all', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '[mcu]',
      '[mcu a]',
      'serial: x',
      'canbus_uuid: 1',
      ' baud=2',
      '\tx',
      '#*# a = 1',
      '[include a.cfg]',
      '',
      ' ',
      '#',
      ';',
      '\u00a0y: 1',
      '\u0085',
      ':',
      '[',
      ']',
      '[]',
      'é',
    ),
    fc.string({ maxLength: 12 }),
  );
  const text = fc
    .array(fc.tuple(piece, fc.constantFrom('\n', '\r\n', '\r', '\n', '\n')), { maxLength: 30 })
    .map((lines) => lines.map(([line, end]) => line + end).join(''));

  it('comes back as it was', () => {
    fc.assert(
      fc.property(text, (each) => {
        const file = parseConfigFile('/a', each);
        expect(linesOf(file, 'whole').join('')).toBe(each);
        expect(applyLineEdits(file, [])).toBe(each);
      }),
      { numRuns: cases(500, 50) },
    );
  });

  it('keeps every byte, whatever the encoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(encodeConfigText(decodeConfigText(bytes))).toEqual(bytes);
      }),
      { numRuns: cases(500, 50) },
    );
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf, 0x5b);
    expect(encodeConfigText(decodeConfigText(mark))).toEqual(mark);
  });

  it('changes only the lines that its edits name', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('mcu', 'mcu a', 'mcu b'), (each, section) => {
        const file = parseConfigFile('/config/printer.cfg', each);
        const tree = readConfigTree(file, []);
        for (const { edits } of editCanbus(tree, { section, canbusUuid: uuid, canbusInterface: 'can0' })) {
          const result = parseConfigFile(file.path, applyLineEdits(file, edits));
          const named = new Set(edits.flatMap((edit) => (edit.kind === 'replace' ? [edit.line] : [])));
          const kept = linesOf(file, 'content').filter((_, index) => !named.has(index));
          const all = linesOf(result, 'content');
          // What was not named is still there, in order.
          let at = 0;
          for (const line of kept) {
            at = all.indexOf(line, at) + 1;
            expect(at).toBeGreaterThan(0);
          }
          expect(optionValue(readConfigTree(result, []), section, 'canbus_uuid')).toBe(uuid);
        }
      }),
      { numRuns: cases(1000) },
    );
  });
});

describe('reading as Klipper does', () => {
  const value = (text: string, section: string, name: string) =>
    optionValue(treeOf({ 'printer.cfg': text }), section, name);

  it.each([
    ['a colon', '[mcu]\nserial: a', 'a'],
    ['an equals sign', '[mcu]\nserial = a', 'a'],
    ['no space', '[mcu]\nserial:a', 'a'],
    ['the first delimiter only', '[mcu]\nserial: a=b:c', 'a=b:c'],
    ['upper case names', '[mcu]\nSERIAL: a', 'a'],
    ['a comment with # right behind the value', '[mcu]\nserial: a#b', 'a'],
    ['a ; inside a word', '[mcu]\nserial: a;b', 'a;b'],
    ['a comment with ; after a space', '[mcu]\nserial: a ;b', 'a'],
    ['the last of two', '[mcu]\nserial: a\nserial: b', 'b'],
    ['sections that come twice', '[mcu]\nserial: a\n[x]\ny: 1\n[mcu]\nserial: b', 'b'],
    ['a value on the next line', '[mcu]\nserial:\n  a', 'a'],
    ['a value that goes on after a comment', '[mcu]\nserial: a\n# c\n\n  b', 'a\nb'],
    ['an indented section', '  [mcu]\n  serial: a', 'a'],
    ['text behind a header', '[mcu] x\nserial: a', 'a'],
    ['a lone CR as a line end', '[mcu]\rserial: a\r', 'a'],
    [
      'a value in the auto-saved block',
      '[mcu]\n\n#*# <---------------------- SAVE_CONFIG ---------------------->\n#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.\n#*#\n#*# [mcu]\n#*# serial = a\n',
      'a',
    ],
  ])('%s', (_, text, expected) => {
    expect(value(text, 'mcu', 'serial')).toBe(expected);
  });

  it.each([
    ['a header with spaces inside', '[ mcu ]\nserial: a'],
    ['a header in upper case', '[MCU]\nserial: a'],
    ['a commented option', '[mcu]\n#serial: a'],
    ['a continuation that looks like an option', '[mcu]\nbaud: 1\n serial: a'],
    ['a continuation that looks like a header', '[x]\ngcode:\n  [mcu]\n  serial: a'],
    ['options behind an include', '[mcu]\n[include a.cfg]\nserial: a'],
  ])('not: %s', (_, text) => {
    expect(value(text, 'mcu', 'serial')).toBeNull();
  });

  it('follows includes in the order of names, relative to the including file, and lets the last one win', () => {
    const files = {
      'printer.cfg': '[include sub/*.cfg]\n[include other/../last.cfg]\n',
      'sub/b.cfg': '[mcu]\nserial: b\n',
      'sub/a.cfg': '[mcu]\nserial: a\nbaud: 1\n',
      'sub/.hidden.cfg': '[mcu]\nserial: hidden\n',
      'sub/deeper/c.cfg': '[mcu]\nserial: deeper\n',
      'last.cfg': '[mcu x]\nserial: x\n',
    };
    const tree = treeOf(files);
    expect(optionValue(tree, 'mcu', 'serial')).toBe('b');
    expect(optionValue(tree, 'mcu', 'baud')).toBe('1');
    expect(optionValue(tree, 'mcu x', 'serial')).toBe('x');
    expect(tree.files.map((file) => file.path)).toEqual([
      '/config/printer.cfg',
      '/config/sub/a.cfg',
      '/config/sub/b.cfg',
      '/config/last.cfg',
    ]);
  });

  it('names includes that Klipper stops at', () => {
    const tree = treeOf({
      'printer.cfg': '[include gone.cfg]\n[include none*.cfg]\n[include a.cfg]\n',
      'a.cfg': '[include printer.cfg]\n',
    });
    expect(tree.problems).toEqual([
      {
        problem: 'include-missing',
        path: '/config/printer.cfg',
        line: 0,
        pattern: 'gone.cfg',
        target: '/config/gone.cfg',
      },
      {
        problem: 'include-recursive',
        path: '/config/a.cfg',
        line: 0,
        pattern: 'printer.cfg',
        target: '/config/printer.cfg',
      },
    ]);
  });

  it('names lines that Klipper stops at', () => {
    const { main } = treeOf({ 'printer.cfg': '\ufeffx: 1\n[a]\nnonsense\n' });
    expect(main.statements.filter((each) => each.kind === 'problem')).toEqual([
      { kind: 'problem', problem: 'byte-order-mark', line: 0 },
      { kind: 'problem', problem: 'no-section', line: 0 },
      { kind: 'problem', problem: 'no-delimiter', line: 2 },
    ]);
  });
});

describe('putting a board on the bus', () => {
  const edit = (text: string, section = 'mcu', canbusInterface = 'can0') =>
    edited({ 'printer.cfg': text }, section, canbusInterface).files['printer.cfg'];

  it('comments the serial options out and adds the uuid behind them', () => {
    expect(
      edit('[mcu]\n## board\nserial: /dev/x  # usb\nbaud: 250000\nrestart_method: command\n\n[x]\n'),
    ).toBe(
      `[mcu]\n## board\n#serial: /dev/x  # usb\ncanbus_uuid: ${uuid}\n#baud: 250000\n#restart_method: command\n\n[x]\n`,
    );
  });

  it('exchanges the value only, and keeps spacing and comments', () => {
    expect(edit('[mcu]\ncanbus_uuid   =  aaaaaaaaaaaa   # mine\n')).toBe(
      `[mcu]\ncanbus_uuid   =  ${uuid}   # mine\n`,
    );
    expect(edit('[mcu]\ncanbus_uuid:\n')).toBe(`[mcu]\ncanbus_uuid: ${uuid}\n`);
  });

  it('leaves a uuid alone that is the same number', () => {
    expect(edit('[mcu]\ncanbus_uuid: BEB0175188A\n')).toBe('[mcu]\ncanbus_uuid: BEB0175188A\n');
  });

  it('indents as deep as its neighbours, or they would become its value', () => {
    expect(edit('[mcu]\n  serial: x\n  max_stepper_error: 1\n')).toBe(
      `[mcu]\n#  serial: x\n  canbus_uuid: ${uuid}\n  max_stepper_error: 1\n`,
    );
    expect(edit('[mcu]\n# none\n  max_stepper_error: 1\n')).toBe(
      `[mcu]\n  canbus_uuid: ${uuid}\n# none\n  max_stepper_error: 1\n`,
    );
    expect(edit('[mcu]\n\n  [next]\n  a: 1\n')).toBe(`[mcu]\n  canbus_uuid: ${uuid}\n\n  [next]\n  a: 1\n`);
  });

  it('edits the file with the section', () => {
    const { files, changed } = edited(
      { 'printer.cfg': '[include board.cfg]\n', 'board.cfg': '[mcu]\r\nserial: x\r\n' },
      'mcu',
    );
    expect(changed.map((file) => file.path)).toEqual(['/config/board.cfg']);
    expect(files['board.cfg']).toBe(`[mcu]\r\n#serial: x\r\ncanbus_uuid: ${uuid}\r\n`);
  });

  it('adds a section in front of the auto-saved block where there is none', () => {
    const block =
      '#*# <---------------------- SAVE_CONFIG ---------------------->\n#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.\n#*#\n#*# [a]\n#*# b = 1\n';
    expect(edit(`[x]\ny: 1\n\n${block}`)).toBe(`[x]\ny: 1\n\n[mcu]\ncanbus_uuid: ${uuid}\n\n${block}`);
    expect(edit('[x]\ny: 1')).toBe(`[x]\ny: 1\n\n[mcu]\ncanbus_uuid: ${uuid}\n`);
    expect(edit('')).toBe(`[mcu]\ncanbus_uuid: ${uuid}\n`);
  });

  it('names the interface where it is not can0, and corrects one that is wrong', () => {
    expect(edit('[mcu]\nserial: x\n', 'mcu', 'can1')).toBe(
      `[mcu]\n#serial: x\ncanbus_uuid: ${uuid}\ncanbus_interface: can1\n`,
    );
    expect(edit(`[mcu]\ncanbus_uuid: ${uuid}\ncanbus_interface: can1\n`)).toBe(
      `[mcu]\ncanbus_uuid: ${uuid}\ncanbus_interface: can0\n`,
    );
  });

  it('does not touch the auto-saved block, and says so where it would have to', () => {
    const block =
      '\n#*# <---------------------- SAVE_CONFIG ---------------------->\n#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.\n#*#\n#*# [mcu]\n#*# serial = x\n';
    expect(() => edit(`[mcu]\n${block}`)).toThrow(expect.objectContaining({ code: 'config/auto-saved' }));
  });

  it('refuses a uuid with digits missing, and sections that would break the file', () => {
    const tree = treeOf({ 'printer.cfg': '' });
    for (const [section, canbusUuid] of [
      ['mcu', 'beb0175188a'],
      ['mcu', 'beb0175188a\n[x]'],
      ['mcu a]\n[b', uuid],
    ] as const) {
      expect(() => editCanbus(tree, { section, canbusUuid, canbusInterface: 'can0' })).toThrow(
        expect.objectContaining({ code: 'config/invalid-value' }),
      );
    }
  });

  it('lists the boards of a bus', () => {
    const tree = treeOf({
      'printer.cfg':
        '[mcu]\ncanbus_uuid: 1\n[mcu a]\ncanbus_uuid: 2\ncanbus_interface: can1\n[mcu b]\nserial: x\n',
    });
    expect(canbusSections(tree)).toEqual([
      { section: 'mcu', canbusUuid: '1', canbusInterface: 'can0' },
      { section: 'mcu a', canbusUuid: '2', canbusInterface: 'can1' },
    ]);
  });
});
