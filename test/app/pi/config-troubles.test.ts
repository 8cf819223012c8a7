import { describe, expect, it } from 'vitest';
import { examine } from '../../../app/pi/doctor.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import { makePlan } from '../../../app/pi/plan.ts';
import {
  bridgeUuid,
  contentsAfter,
  piFacts,
  printerCfg,
  examinedAs,
  seenAs,
  type PiLike,
} from '../../fixtures/pi-facts.ts';

const wishes = { ...defaultWishes, boards: [{ section: 'mcu', canbusUuid: bridgeUuid }] };
const mcu = '[mcu]\nserial: /dev/x\n';

/** What plan and doctor say about the same Pi. */
function both(pi: PiLike, bytes?: Uint8Array) {
  const facts = piFacts(pi);
  const file = facts.files.get(printerCfg);
  const files =
    bytes === undefined || file === undefined
      ? facts.files
      : new Map([...facts.files, [printerCfg, { ...file, bytes }]]);
  const seen = { ...facts, files };
  const plan = makePlan(seen, seenAs(seen), wishes);
  const check = examine({ facts: seen, printers: examinedAs(seen), wishes }).find(
    ({ id }) => id === 'config',
  );
  return {
    plan,
    restarts: plan.steps.some(({ kind }) => kind === 'klipper'),
    notes: plan.notes.map(({ text }) => text).join('\n'),
    verdict: check?.verdict,
    answer: check?.answer,
  };
}

const header = `#*# <---------------------- SAVE_CONFIG ---------------------->
#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.
#*#
`;

describe('what keeps Klipper from starting', () => {
  it.each([
    ['a line without a delimiter', `${mcu}[printer]\nnonsense\n`, 'line 4: has neither : nor ='],
    ['a line before any section', `x: 1\n${mcu}`, 'line 1: is in no section'],
    [
      'an include that is missing',
      `${mcu}[include gone.cfg]\n`,
      'line 3: [include gone.cfg] names a missing file',
    ],
    ['a file that includes itself', `${mcu}[include *.cfg]\n`, 'includes itself'],
    ['an option behind an include', `${mcu}[include none*.cfg]\nbaud: 1\n`, 'line 4: is in no section'],
    ['a byte order mark before a comment', `\ufeff# mine\n${mcu}`, 'line 1: starts with a byte order mark'],
  ])('is named by plan and doctor, and the plan restarts nothing: %s', (_, text, words) => {
    const { restarts, notes, verdict, answer, plan } = both({ files: { [printerCfg]: text } });
    expect(notes).toContain(words);
    expect(notes).toContain('Klipper is not restarted');
    expect(answer).toContain(words);
    expect(verdict).toBe('wrong');
    expect(restarts).toBe(false);
    expect(contentsAfter(plan)[printerCfg]).toContain(bridgeUuid);
  });

  it('is a byte that is not UTF-8, in the line that has it', () => {
    const bytes = Uint8Array.from([...new TextEncoder().encode(`${mcu}# \u00b0 60\n# 60`), 0xb0, 0x43, 0x0a]);
    const { restarts, notes, verdict, answer } = both({}, bytes);
    for (const words of [notes, answer]) {
      expect(words).toContain(`${printerCfg}, line 4: a character that is not UTF-8`);
      expect(words).toContain('Unable to open config file');
    }
    expect([verdict, restarts]).toEqual(['wrong', false]);
  });

  it('keeps every other byte of such a file when it edits it', () => {
    const bytes = Uint8Array.from([...new TextEncoder().encode(mcu), 0x23, 0xb0, 0x0a]);
    const { plan } = both({}, bytes);
    const step = plan.steps.find((each) => each.kind === 'file' && each.path === printerCfg);
    expect(step?.kind === 'file' ? [...(step.after ?? [])].slice(-3) : null).toEqual([0x23, 0xb0, 0x0a]);
  });

  it.each([
    ['two sections with one uuid', `${mcu}[mcu x]\ncanbus_uuid: ${bridgeUuid.toUpperCase()}\n`],
    ['a uuid that is none', `${mcu}[mcu x]\ncanbus_uuid: hello\n`],
    ['a section with uuid and serial', `${mcu}[mcu x]\ncanbus_uuid: 0e0d81e4210c\nserial: /dev/y\n`],
    ['a section with uuid and baud', `${mcu}[mcu x]\ncanbus_uuid: 0e0d81e4210c\nbaud: 250000\n`],
  ])('is also what boards must not have: %s', (_, text) => {
    const { restarts, notes } = both({ files: { [printerCfg]: text } });
    expect(notes).toContain('Klipper refuses that');
    expect(restarts).toBe(false);
  });

  it('is nothing in an ordinary configuration', () => {
    expect(both({})).toMatchObject({ restarts: true, verdict: 'fine' });
    expect(both({ files: { [printerCfg]: `${mcu}[mcu]\nbaud: 1\n[mcu]\n` } })).toMatchObject({
      restarts: true,
      verdict: 'fine',
    });
  });
});

describe('the block of SAVE_CONFIG', () => {
  it.each([
    ['whole', `${mcu}\n${header}#*# [extruder]\n#*# control = pid\n`, 'fine'],
    ['with nothing in it', `${mcu}\n${header}`, 'fine'],
    [
      'with a line of a person behind it',
      `${mcu}\n${header}#*# [extruder]\n[printer]\nkinematics: none\n`,
      'look',
    ],
    ['twice', `${mcu}\n${header}#*# [a]\n\n${header}#*# [b]\n`, 'look'],
    ['with a line of it before the header', `${mcu}#*# [a]\n\n${header}#*# [b]\n`, 'look'],
  ])('does not keep Klipper from starting: %s', (_, text, verdict) => {
    const seen = both({ files: { [printerCfg]: text } });
    expect(seen).toMatchObject({ restarts: true, verdict });
    if (verdict === 'look') expect(seen.notes).toContain('Klipper starts, but without the values in it');
  });
});

describe('a section that was not found', () => {
  it.each([
    ['an include is missing', { [printerCfg]: '[include boards/mcu.cfg]\n[printer]\n' }],
    ['a byte order mark hides its header', { [printerCfg]: `\ufeff${mcu}` }],
  ])('is not added while %s', (_, files) => {
    const { plan } = both({ files });
    expect(plan.blockers).toMatchObject([{ code: 'pi/config-unread' }]);
    expect(plan.blockers[0]?.text).toContain('[mcu] was not found');
    expect(contentsAfter(plan)[printerCfg]).toBeUndefined();
  });

  it('is not added while an included file cannot be read here', () => {
    const path = '/home/pi/printer_data/config/mcu.cfg';
    const unread = new Map([[path, { path, realPath: path, why: 'not-readable' as const }]]);
    const { plan, verdict } = both({ files: { [printerCfg]: '[include mcu.cfg]\n' }, facts: { unread } });
    expect(plan.blockers).toMatchObject([{ code: 'pi/config-unread' }]);
    expect(verdict).toBe('look');
  });

  it('is added where everything could be read', () => {
    expect(contentsAfter(both({ files: { [printerCfg]: '[printer]\n' } }).plan)[printerCfg]).toContain(
      `[mcu]\ncanbus_uuid: ${bridgeUuid}`,
    );
  });
});

describe('a file that is there and cannot be read', () => {
  const path = '/etc/systemd/network/25-can.network';
  it.each([
    ['not-readable', 'exists, but pi may not read it'],
    ['too-large', 'is larger than 4 MiB'],
  ] as const)('is never replaced as if it were new: %s', (why, words) => {
    const { plan } = both({ facts: { unread: new Map([[path, { path, realPath: path, why }]]) } });
    expect(plan.blockers).toMatchObject([{ code: 'pi/file-unreadable' }]);
    expect(plan.blockers[0]?.text).toContain(`${path} ${words}`);
    expect(contentsAfter(plan)[path]).toBeUndefined();
  });

  it('is what the doctor says, instead of that nothing configures the interface', () => {
    const unread = new Map([[path, { path, realPath: path, why: 'not-readable' as const }]]);
    const facts = piFacts({ facts: { unread } });
    const stack = examine({ facts, printers: examinedAs(facts), wishes }).find(({ id }) => id === 'stack');
    expect(stack).toMatchObject({ verdict: 'unknown' });
    expect(stack?.answer).toContain(`${path} exists, but pi may not read it`);
  });

  it.each([
    ['/etc/systemd/network/99-default.link', 'no-file'],
    ['/etc/systemd/system/vpn.service', 'not-readable'],
    ['/run/systemd/network/10-netplan-eth0.network', 'not-readable'],
  ] as const)('is no matter of the interface: %s, %s', (other, why) => {
    const unread = new Map([[other, { path: other, realPath: other, why }]]);
    const facts = piFacts({ facts: { unread } });
    const stack = examine({ facts, printers: examinedAs(facts), wishes }).find(({ id }) => id === 'stack');
    expect(stack?.answer).toBe('No: nothing configures it.');
  });

  it('is named where it is printer.cfg itself', () => {
    const unread = new Map([
      [printerCfg, { path: printerCfg, realPath: printerCfg, why: 'too-large' as const }],
    ]);
    const { plan } = both({ files: { [printerCfg]: null }, facts: { unread } });
    expect(plan.blockers).toMatchObject([
      { code: 'pi/no-printer-config', text: `${printerCfg} is larger than 4 MiB, which is not read` },
    ]);
  });
});
