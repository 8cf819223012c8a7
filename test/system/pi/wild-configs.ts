/** Configurations in the states that people bring them into: what a reader of printer.cfg stumbles over. */
export interface WildConfig {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Links by their path. */
  readonly links?: Readonly<Record<string, string>>;
}

const folder = '/home/pi/printer_data/config';
export const wildMain = `${folder}/printer.cfg`;

const mcu = '[mcu]\nserial: /dev/x\n';
const rest = '[printer]\nkinematics: none\nmax_velocity: 300\n';
const header =
  '#*# <---------------------- SAVE_CONFIG ---------------------->\n#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.\n#*#\n';
const saved = `${header}#*# [extruder]\n#*# control = pid\n#*# pid_kp = 21.1\n`;

const single = (name: string, text: string): WildConfig => ({ name, files: { [wildMain]: text } });
const bytes = (text: string): Uint8Array =>
  Uint8Array.from(Array.from(text, (each) => (each.codePointAt(0) ?? 0) & 0xff));

export const wildConfigs: readonly WildConfig[] = [
  single('ordinary', `${mcu}${rest}`),
  single('byte order mark', `\ufeff${mcu}`),
  single('byte order mark before a comment', `\ufeff# mine\n${mcu}`),
  single('no delimiter', `${mcu}nonsense\n`),
  single('an option before any section', `x: 1\n${mcu}`),
  single('an empty name', `${mcu}: 1\n`),
  single('CRLF', `${mcu}${rest}`.replaceAll('\n', '\r\n')),
  single('mixed line ends', `${mcu}${rest}`.replace('\n', '\r\n').replace('serial', 'a: 1\rserial')),
  single('doubled sections and options', `${mcu}${rest}${mcu.replace('x', 'y')}serial = z\n`),
  single('upper case options', '[mcu]\nSerial: /dev/x\nBAUD = 1\n[MCU]\nserial: y\n'),
  single('junk behind a header', '[mcu] junk\nserial: x\n[printer]]\na: 1\n'),
  single('an indented section', '[mcu]\nserial: x\n  [printer]\n  a: 1\n'),
  single('tabs and no-break spaces', '[mcu]\n\tserial:\u00a0/dev/x\u00a0\n\tbaud:\t1\n'),
  single('line separators inside a value', '[mcu]\nserial: a\u2028b\u0085c\u000bd\n'),
  single('a NUL', '[mcu]\nserial: a\0b\n'),
  single('a merge left behind', `${mcu}=======\n${rest}`),
  single('comments with section headers', `# [mcu]\n; [printer]\n${mcu}`),
  single('a blank section name', '[ ]\na: 1\n[]\nb: 2\n'),
  { name: 'latin-1 in a comment', files: { [wildMain]: bytes(`${mcu}# 60\u00b0C\n`) } },
  {
    name: 'latin-1 in an included file',
    files: { [wildMain]: `[include a.cfg]\n${mcu}`, [`${folder}/a.cfg`]: bytes('# 60\u00b0C\n') },
  },
  single('the auto-saved block', `${mcu}\n${saved}`),
  single('the auto-saved block with an option that is set before', `${mcu}[extruder]\npid_kp: 1\n\n${saved}`),
  single('the auto-saved block without a line end', `${mcu}\n${saved.trimEnd()}`),
  single('the auto-saved block with a tail', `${mcu}\n${saved}\n${rest}`),
  single('the auto-saved block twice', `${mcu}\n${saved}${saved}`),
  single('the auto-saved block twice, apart', `${mcu}\n${saved}\n${saved}`),
  single('a line of the auto-saved block before it', `${mcu}#*# [a]\n\n${saved}`),
  single('the auto-saved block as the first line', saved),
  single('an empty auto-saved block', `${mcu}\n${header}`),
  single('an include that is missing', `[include gone.cfg]\n${mcu}`),
  single('a wildcard that matches nothing', `[include gone*.cfg]\n${mcu}`),
  single('a wildcard that matches itself', `[include *.cfg]\n${mcu}`),
  {
    name: 'an include that leads out and back',
    files: {
      [wildMain]: `[include ../config/a.cfg]\n${mcu}`,
      [`${folder}/a.cfg`]: '[include printer.cfg]\n',
    },
  },
  {
    name: 'an include behind a linked folder',
    files: {
      '/home/pi/repo/printer/printer.cfg': '[include ../shared/mcu.cfg]\n',
      '/home/pi/repo/shared/mcu.cfg': mcu,
    },
    links: { [folder]: '../repo/printer' },
  },
  {
    name: 'an include in a linked file, relative to the link',
    files: {
      [wildMain]: '[include a.cfg]\n',
      '/home/pi/repo/a.cfg': '[include b.cfg]\n',
      [`${folder}/b.cfg`]: mcu,
    },
    links: { [`${folder}/a.cfg`]: '../../repo/a.cfg' },
  },
  {
    name: 'a wildcard that matches a folder',
    files: {
      [wildMain]: `[include parts/*]\n${mcu}`,
      [`${folder}/parts/a.cfg`]: rest,
      [`${folder}/parts/deep/b.cfg`]: rest,
    },
  },
  {
    name: 'an include of a folder',
    files: { [wildMain]: `[include parts]\n${mcu}`, [`${folder}/parts/a.cfg`]: rest },
  },
  {
    name: 'a dangling link',
    files: { [wildMain]: `[include a.cfg]\n${mcu}` },
    links: { [`${folder}/a.cfg`]: 'nowhere.cfg' },
  },
  {
    name: 'a dangling link that a wildcard matches',
    files: { [wildMain]: `[include a*.cfg]\n${mcu}` },
    links: { [`${folder}/a.cfg`]: 'nowhere.cfg' },
  },
  {
    name: 'two stars',
    files: {
      [wildMain]: `[include parts/**/*.cfg]\n${rest}`,
      [`${folder}/parts/top.cfg`]: '[top]\na: 1\n',
      [`${folder}/parts/one/one.cfg`]: mcu,
      [`${folder}/parts/one/two/two.cfg`]: '[two]\na: 1\n',
      [`${folder}/parts/.hidden/no.cfg`]: '[no]\na: 1\n',
    },
  },
  {
    name: 'two stars at the end',
    files: { [wildMain]: `[include parts/**]\n${rest}`, [`${folder}/parts/one.cfg`]: mcu },
  },
  {
    name: 'the same file twice, by two names',
    files: { [wildMain]: '[include a.cfg]\n[include ./b.cfg]\n', [`${folder}/a.cfg`]: mcu },
    links: { [`${folder}/b.cfg`]: 'a.cfg' },
  },
  {
    name: 'wildcards of sets',
    files: {
      [wildMain]: '[include [a-b]*.cfg]\n[include [!a-b]x.cfg]\n',
      [`${folder}/a1.cfg`]: mcu,
      [`${folder}/cx.cfg`]: rest,
      [`${folder}/d.cfg`]: '[no]\na: 1\n',
    },
  },
  {
    name: 'G-code from another file',
    files: {
      [wildMain]: `${mcu}[gcode_macro A]\ngcode: !!include a.gcode\n`,
      [`${folder}/a.gcode`]: 'G28\n',
    },
  },
  single(
    'G-code from a file that is not there',
    `${mcu}[gcode_macro A]\ngcode:\n  !!include my a.gcode # later\n`,
  ),
  single('an indented include', `${mcu}  [include gone.cfg]\n`),
  single('an include with a comment', `[include gone*.cfg] # later\n[include gone*.cfg] ; later\n${mcu}`),
  single('an option behind an include', `${mcu}[include gone*.cfg]\nbaud: 1\n`),
];
