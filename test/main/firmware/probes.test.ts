import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFolderState } from '../../../main/firmware/folder-state.ts';
import { abbreviationFor, abbreviationOf } from '../../../main/firmware/git-environment.ts';
import { parseProbe } from '../../../main/firmware/toolchain-probe.ts';

const probe = [
  'tool arm-none-eabi-gcc /usr/bin/arm-none-eabi-gcc\tarm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205',
  'tool arm-none-eabi-objcopy /usr/bin/arm-none-eabi-objcopy\tGNU objcopy (2.40) 2.40',
  'tool make /usr/bin/make\tGNU Make 4.3',
  'tool python3 /opt/with space/python3\tPython 3.11.2',
  'tool git /usr/bin/git\tgit version 2.39.5',
  'also as GNU assembler 2.40',
  'tool newlib /usr/lib/libc_nano.a\t0123',
  'also libc_nano.a 0123',
  'also zlib 1.2.13',
  'system Linux',
  'id raspbian',
  'id debian',
  'cores 4',
];

describe('the toolchain probe', () => {
  it('names the tools, the system and the cores', async () => {
    const toolchain = await parseProbe(probe.join('\n'));
    expect(toolchain.missing).toEqual([]);
    expect(toolchain.tools.find(({ name }) => name === 'python3')).toEqual({
      name: 'python3',
      path: '/opt/with space/python3',
      version: 'Python 3.11.2',
    });
    expect(toolchain).toMatchObject({ system: 'Linux', distribution: ['raspbian', 'debian'], cores: 4 });
  });

  it('names what is missing', async () => {
    const without = probe.filter((line) => !/ (?:make|newlib) /.test(line)).join('\n');
    expect((await parseProbe(without)).missing).toEqual(['newlib', 'make']);
    expect((await parseProbe('')).missing).toHaveLength(6);
  });

  it('has another identity where anything differs that gets into an image', async () => {
    const { identity } = await parseProbe(probe.join('\n'));
    for (const [from, to] of [
      ['12.2.1', '12.2.2'],
      ['objcopy (2.40)', 'objcopy (2.41)'],
      ['assembler 2.40', 'assembler 2.41'],
      ['libc_nano.a 0123', 'libc_nano.a 4567'],
      ['zlib 1.2.13', 'zlib 1.3'],
    ] as const) {
      expect((await parseProbe(probe.join('\n').replace(from, to))).identity).not.toBe(identity);
    }
    for (const [from, to] of [
      ['Make 4.3', 'Make 4.4'],
      ['cores 4', 'cores 8'],
      ['/usr/bin/arm-none-eabi-gcc', '/opt/bin/arm-none-eabi-gcc'],
    ] as const) {
      expect((await parseProbe(probe.join('\n').replace(from, to))).identity).toBe(identity);
    }
  });
});

describe('the state of a folder', () => {
  const tag = `${'d'.repeat(40)} refs/tags/v1.0`;
  const oid = `# branch.oid ${'c'.repeat(40)}\0# branch.head master\0`;
  const head = `/home/pi/klipper\n${tag}\n\n${oid}`;
  const hashes = `${'1'.repeat(40)} ${'2'.repeat(40)}`;
  const edited = (path: string) => `1 .M N... 100644 100644 100644 ${hashes} ${path}\0`;

  it('is clean where git says nothing', () => {
    expect(parseFolderState(head)).toEqual({
      type: 'git',
      path: '/home/pi/klipper',
      commit: 'c'.repeat(40),
      tagsId: tag,
      changed: false,
      untracked: [],
    });
    expect(parseFolderState(`/home/pi/klipper\n\n${oid}`)).toMatchObject({ type: 'git', tagsId: '' });
  });

  it('is changed where a tracked file is, whatever its name', () => {
    expect(parseFolderState(head + edited('src/a\nb ? c'))).toMatchObject({ changed: true, untracked: [] });
    expect(parseFolderState(head + edited('klippy/x.py'))).toMatchObject({ changed: true });
    const modes = '100644 100644 100644 100644';
    const unmerged = `u UU N... ${modes} ${hashes} ${'3'.repeat(40)} README\0`;
    expect(parseFolderState(head + unmerged)).toMatchObject({ changed: true });
  });

  it('counts untracked files only where a build looks', () => {
    const status = '? klippy/extras/led_effect.py\0? notes.txt\0? src/extra.c\0? lib/x/y.h\0? srcs/z\0';
    expect(parseFolderState(head + status)).toMatchObject({
      changed: false,
      untracked: ['src/extra.c', 'lib/x/y.h'],
    });
  });

  it('is plain outside git, and before the first commit', () => {
    for (const output of ['/tmp/klipper\n', '/tmp/klipper\n\n# branch.oid (initial)\0']) {
      expect(parseFolderState(output)).toEqual({ type: 'plain', path: '/tmp/klipper' });
    }
  });

  it('never makes the reader stumble', () => {
    fc.assert(fc.property(fc.string(), (text) => ['git', 'plain'].includes(parseFolderState(text).type)));
  });
});

describe('the digits of a commit', () => {
  it.each([
    ['v0.13.0-730-g84104bbbd', 9],
    ['v0.13.0-730-g84104bb-dirty', 7],
    ['84104bbb', 8],
    ['84104bbb-dirty', 8],
    ['?', null],
    ['v1.0', null],
  ])('%s shows %s', (version, digits) => {
    expect(abbreviationOf(version)).toBe(digits);
  });

  it('are as many as a plain clone of Klipper (6,330 commits) and Katapult (242) shows', () => {
    expect(abbreviationFor(6_330)).toBe(9);
    expect(abbreviationFor(242)).toBe(7);
    expect(abbreviationFor(0)).toBe(7);
  });
});
