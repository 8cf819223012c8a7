import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../app/errors.ts';
import { parseIpLinks } from '../../../app/pi/can-interface.ts';
import { examine } from '../../../app/pi/doctor.ts';
import type { PiFacts } from '../../../app/pi/facts.ts';
import { parseJournal } from '../../../app/pi/journal.ts';
import { parseFacts } from '../../../app/pi/parse-facts.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { makePlan } from '../../../app/pi/plan.ts';
import { parsePrinterStatus } from '../../../app/pi/printer-status.ts';
import { encodeBase64, parseReport } from '../../../app/pi/report.ts';
import { parseConfigFile } from '../../../app/printer-config/config-file.ts';
import { readConfigTree } from '../../../app/printer-config/config-tree.ts';
import { cases, spread } from '../../counts.ts';
import { examinedAs, piFacts, printerCfg, seenAs } from '../../fixtures/pi-facts.ts';
import { journalText, piReport } from '../../fixtures/pi-report.ts';

/** The value, or null for a coded error; anything else that is thrown fails the test. */
function valueOf<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (isCanopusError(error)) return null;
    throw error;
  }
}

/** Words that parsers stumble over. */
const words = fc.constantFrom(
  ...[
    '',
    ' ',
    '\0',
    '\n',
    '\n\n',
    '\t',
    '\r',
    '=',
    '@',
    '-',
    '-1',
    '0',
    '9'.repeat(400),
    '1e999',
    'NaN',
    '\ud800',
  ],
  ...[
    'null',
    '[]',
    '{}',
    '[',
    '{"',
    '__proto__',
    'constructor',
    'toString',
    'can0',
    '%i',
    '$x',
    '${x}',
    '\\',
    '*',
    '**',
  ],
  ...['[include *]', '[include printer.cfg]', '[mcu]', 'end', 'ÿþ', '\u001b[2J', 'x'.repeat(5_000)],
);

/** One change of a text: at a place, some characters out, a word in. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  out: fc.oneof(fc.constant(0), fc.nat(8), fc.nat(2_000)),
  word: fc.oneof(words, fc.string({ unit: 'binary', maxLength: 12 })),
});

function edited(text: string, edits: readonly { at: number; out: number; word: string }[]): string {
  return edits.reduce((now, { at, out, word }) => {
    const place = Math.floor(at * now.length);
    return now.slice(0, place) + word + now.slice(place + out);
  }, text);
}

const edits = fc.array(edit, { minLength: 1, maxLength: 6 });

/** Lines of the report in another order, twice or not at all, and edits in it; its nonce is as it was. */
const reports = fc
  .record({
    edits,
    lines: fc.array(fc.record({ from: fc.nat(400), to: fc.nat(400), copies: fc.nat(3) }), { maxLength: 4 }),
  })
  .map((changes) => {
    const lines = edited(piReport.text, changes.edits).split('\n');
    for (const { from, to, copies } of changes.lines) {
      const [line = ''] = lines.splice(from % lines.length, 1);
      lines.splice(to % (lines.length + 1), 0, ...Array.from({ length: copies }, () => line));
    }
    // An end, so that more than the first parser is reached.
    return `${lines.join('\n')}\n@${piReport.nonce} end\n`;
  });

const factsOf = (text: string): PiFacts => parseFacts(parseReport(text, piReport.nonce), 1_795_000_000_000);

describe('what a Pi sends is read, or refused by a code', () => {
  it('reads the report that is not forged', () => {
    const facts = factsOf(piReport.text);
    expect(facts.printers.map(({ name }) => name)).toContain('printer');
    expect(facts.interfaces.map(({ name, bitrateBps }) => [name, bitrateBps])).toEqual([['can0', 1_000_000]]);
    expect(facts.files.size).toBe(9);
    expect(facts.journals.map(({ text }) => parseJournal(text).id)).toEqual(['20261121-013005-1a2b']);
    expect(facts.moonrakers).toHaveLength(1);
  });

  it('a report of facts, and what is made of it', () => {
    const runs = { values: 0, plans: 0 };
    fc.assert(
      fc.property(reports, (text) => {
        const facts = valueOf(() => factsOf(text));
        if (facts === null) return;
        runs.values += 1;
        const wishes = { ...defaultWishes, boards: [{ section: 'mcu', canbusUuid: '6beb0175188a' }] };
        if (valueOf(() => makePlan(facts, seenAs(facts), wishes)) !== null) runs.plans += 1;
        valueOf(() => examine({ facts, printers: examinedAs(facts), wishes }));
      }),
      { numRuns: cases(20_000) },
    );
    // Most are taken for what they are: the parsers behind the first one have had their turn.
    expect(runs.values).toBeGreaterThan(cases(20_000) / 2);
    expect(runs.plans).toBeGreaterThan(cases(20_000) / 4);
  });

  it('a journal', () => {
    fc.assert(
      fc.property(edits, (changes) => {
        valueOf(() => parseJournal(edited(journalText, changes)));
      }),
      { numRuns: cases(20_000) },
    );
  });

  it('replies of Moonraker and of ip, whatever JSON they are', () => {
    const names = fc.constantFrom(
      ...[
        'state',
        'state_message',
        'software_version',
        'status',
        'print_stats',
        'idle_timeout',
        'mcu',
        'mcu a',
      ],
      ...[
        'mcu_version',
        'link_type',
        'ifname',
        'linkinfo',
        'info_data',
        'bittiming',
        'flags',
        'stats64',
        '__proto__',
      ],
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('can', 'ready', 'printing', 'UP', '\u001b[2J', ''),
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(names, tie('value'), { maxKeys: 5 }),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(value, value, (info, query) => {
        const status = valueOf(() => parsePrinterStatus('moonraker', info, query));
        expect(JSON.stringify(status)).not.toContain('\\u001b');
        valueOf(() => parseIpLinks(JSON.stringify(info)));
      }),
      { numRuns: cases(20_000) },
    );
  });
});

/**
 * Texts that a pattern that looks again and again at what follows never gets through: of one line, or of as many lines
 * as a long configuration.
 */
const long = (unit: string): string =>
  `${unit.repeat(Math.floor((/[\r\n]/.test(unit) ? 1 << 16 : 1 << 20) / unit.length))}x`;
const units = [
  ...[
    'ip link ',
    'ifup',
    'can0 ',
    'ip ',
    'for a in ',
    ' ',
    '\t\\',
    '"',
    "'",
    '$',
    '${',
    '{',
    '(',
    'if then ',
  ],
  ...[
    '=',
    '[',
    'a=',
    '# ',
    '\\\n',
    '\n\n',
    '\r',
    '[include ',
    '[a]\n',
    'a: b\n',
    ' b\n',
    '#*# ',
    'Exec=',
    ',',
  ],
];

describe('what a Pi sends is read in time', () => {
  // Each of these would take minutes or for ever if the work grew with the square of the length.
  it.each(spread(units.length, 7).map((at) => [units[at] ?? '']))('a file of nothing but %j', (unit) => {
    const paths = [
      ...['/etc/rc.local', '/etc/network/interfaces', '/etc/systemd/system/a.service', '/boot/config.txt'],
      ...['/etc/systemd/network/10-a.network', '/etc/udev/rules.d/a.rules', '/etc/cron.d/a', printerCfg],
    ];
    const facts = piFacts({ files: Object.fromEntries(paths.map((path) => [path, long(unit)])) });
    valueOf(() => makePlan(facts, seenAs(facts), defaultWishes));
    valueOf(() => examine({ facts, printers: examinedAs(facts), wishes: defaultWishes }));
  });

  const base64 = (text: string): string => encodeBase64(new TextEncoder().encode(text));
  const report = (...parts: readonly string[]): string =>
    [...parts, 'end\n'].map((part) => `\n@${piReport.nonce} ${part}`).join('');
  const python = '/usr/bin/python3';

  it('a report of more parts than any Pi has files is refused', () => {
    const parts = Array.from(
      { length: 100_000 },
      (_, n) => `process ${n} /\n${python}\n/a/klippy.py\n/${n}.cfg\n`,
    );
    expect(() => factsOf(report(...parts))).toThrow(expect.objectContaining({ code: 'pi/bad-report' }));
  });

  it('more printers than any Pi has are refused, also as many as a report may have', () => {
    const parts = (count: number) =>
      Array.from({ length: count }, (_, n) => [
        `process ${n} /\n${python}\n/a/klippy.py\n/${n}.cfg\n`,
        `process ${n} /\n${python}\n/a/moonraker.py\n-d\n/${n}\n`,
      ]);
    const refused = expect.objectContaining({ code: 'pi/bad-report' }) as Error;
    for (const count of [101, 4_900]) expect(() => factsOf(report(...parts(count).flat()))).toThrow(refused);
    expect(factsOf(report(...parts(100).flat())).printers).toHaveLength(100);
  });

  it('as many mounts as a report may have; half a million are refused', () => {
    const mounts = (count: number) => factsOf(report(`mounts\n${'a / ext4 rw\n'.repeat(count)}`));
    const facts = mounts(10_000);
    valueOf(() => makePlan(facts, seenAs(facts), defaultWishes));
    expect(facts.mounts).toHaveLength(10_000);
    expect(() => mounts(500_000)).toThrow(expect.objectContaining({ code: 'pi/bad-report' }));
  });

  it('as many interfaces and USB devices as a report may have', () => {
    const links = Array.from({ length: 10_000 }, (_, n) => ({ link_type: 'can', ifname: `can${n}` }));
    const usb = Array.from({ length: 10_000 }, (_, n) => `1-${n} 1d50 606f\tA\tB\n`);
    const devices = links.map(({ ifname }, n) => `${ifname}\tgs_usb\t1-${n}:1.0\n`);
    const text = report(
      `links\n${JSON.stringify(links)}\n`,
      `usb\n${usb.join('')}`,
      `can-devices\n${devices.join('')}`,
    );
    expect(factsOf(text).interfaces.at(-1)).toMatchObject({ name: 'can9999', usb: { busPort: '1-9999' } });
  });

  it('a unit that puts one long setting in again and again', () => {
    const text = report(
      `service a\nExecStart=${python} /a/klippy.py ${'$A'.repeat(100_000)}\n`,
      `environment a\nA=${'x'.repeat(1 << 20)}\n`,
    );
    expect(factsOf(text).printers[0]?.configPath.length).toBeLessThan(3 << 20);
  });

  it('a moonraker.conf that puts one long folder in again and again', () => {
    const conf = `[server]\nklippy_uds_address: ${'{data_path}'.repeat(100_000)}\n`;
    const path = `/${'a'.repeat(1 << 20)}/config/moonraker.conf`;
    const text = report(
      `moonraker ${conf.length} 644 yes\n${path}\n${path}\npi\npi\n${base64(conf)}\n`,
      `process 1 /\n${python}\n/a/moonraker.py\n-c\n${path}\n`,
    );
    expect(factsOf(text).moonrakers[0]?.klippySocket).toBe('/tmp/klippy_uds');
  });

  it('files that include each other twice, and so on', () => {
    const files = Array.from({ length: 50 }, (_, n) =>
      parseConfigFile(`/${n}.cfg`, `[include ${n + 1}.cfg]\n[include ${n + 1}.cfg]\n`, n === 0),
    );
    const { problems } = readConfigTree(files[0]!, files);
    expect(problems.map(({ problem }) => problem)).toContain('include-endless');
    expect(problems.length).toBeLessThan(20_000);
  });
});
