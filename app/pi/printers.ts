import { joinPath } from '../printer-config/config-glob.ts';
import { optionOf, serviceCommand, type ServiceCommand } from './command-words.ts';
import type { MoonrakerFacts, PiFile, PrinterFacts, UnreadFile } from './facts.ts';
import { readMoonrakerConf } from './moonraker-conf.ts';
import { assignmentsOf, linesOf, partOf, partsOf, type PiReport, type ReportPart } from './report.ts';

/** Where the files of the report are looked up. */
interface FilesSeen {
  readonly files: ReadonlyMap<string, PiFile>;
  readonly unread: ReadonlyMap<string, UnreadFile>;
}

/** A program that runs or that a unit would start. */
interface Program extends ServiceCommand {
  readonly pid: number | null;
  readonly unit: string | null;
  readonly folder: string;
}

/** Every Klipper and every Moonraker of this Pi, matched to each other. */
export function findPrinters(
  report: PiReport,
  seen: FilesSeen,
  home: string,
): { printers: PrinterFacts[]; moonrakers: MoonrakerFacts[] } {
  const programs = [...processes(report), ...services(report)];
  const moonrakers = distinct(
    programs.flatMap((program) => moonrakerOf(program, seen, home) ?? []),
    ({ unit, configPath, pid }) => [unit, configPath, pid === null ? null : String(pid)],
  );
  const known = distinct(
    programs.flatMap((program) => klipperOf(program) ?? []),
    ({ unit, configPath }) => [unit, configPath],
  );
  const named = linesOf(partOf(report, 'main')).map((configPath) => idle(configPath));
  const all = distinct([...known, ...named], ({ configPath }) => [configPath]);
  const isSeen = ({ pid, configPath }: KlipperFacts): boolean =>
    pid !== null || seen.files.has(configPath) || seen.unread.has(configPath);
  // A leftover unit names a file that is gone; but if it is the only one, it shows where to look.
  const there = all.filter(isSeen);
  const klippers = there.length > 0 ? there : known;
  const alone = guessedMoonraker(report, seen, home);
  const moonrakersSeen = moonrakers.length > 0 || alone === null ? moonrakers : [alone];
  const names = klippers.map(nameOf);
  return {
    moonrakers: moonrakersSeen,
    printers: klippers.map((klipper, index) => {
      const name = names[index] ?? '';
      return {
        ...klipper,
        name: names.filter((each) => each === name).length > 1 ? `${name} (${klipper.configPath})` : name,
        moonraker: moonrakerBefore(klipper, klippers, moonrakersSeen),
      };
    }),
  };
}

/** Where the Pi itself reaches it. */
export function moonrakerAddress({ host }: Pick<MoonrakerFacts, 'host'>): string {
  if (host === '::') return '::1';
  return host === '0.0.0.0' || host === 'all' || host === '' ? '127.0.0.1' : host;
}

type KlipperFacts = Omit<PrinterFacts, 'name' | 'moonraker'>;

function processes(report: PiReport): Program[] {
  const unitsOf = firstByArgument(report, 'unit');
  const settingsOf = firstByArgument(report, 'settings');
  return partsOf(report, 'process').map(({ argument, body }) => {
    const space = argument.indexOf(' ');
    const pid = space < 0 ? argument : argument.slice(0, space);
    return {
      pid: Number(pid),
      unit: linesOf(unitsOf.get(pid) ?? null)[0] ?? null,
      words: body.split('\n').filter((word) => word !== ''),
      environment: assignmentsOf(linesOf(settingsOf.get(pid) ?? null)),
      folder: space < 0 ? '/' : argument.slice(space + 1),
    };
  });
}

/** The parts of that name; of several about the same, the first. */
function firstByArgument(report: PiReport, name: string): ReadonlyMap<string, ReportPart> {
  return new Map(
    partsOf(report, name)
      .toReversed()
      .map((part) => [part.argument, part]),
  );
}

function services(report: PiReport): Program[] {
  return partsOf(report, 'service').map(({ argument, body }) => {
    const name = argument.slice(argument.lastIndexOf('/') + 1);
    const environments = partsOf(report, 'environment').filter((each) => each.argument === argument);
    const folder = /^WorkingDirectory=(\/.*)$/m.exec(body)?.[1]?.trim() ?? '/';
    const unit = name.endsWith('.service') ? name : `${name}.service`;
    const command = serviceCommand(
      body,
      environments.map((each) => each.body),
    );
    return { ...command, pid: null, unit, folder };
  });
}

/** Options of klippy.py that take a value (klippy/klippy.py, `main`). */
const klippyOptions = ['-a', '-d', '-i', '-I', '-l', '-o'];

function klipperOf({ pid, unit, words, folder }: Program): KlipperFacts | null {
  const script = words.findIndex((word) => /(^|\/)klippy\.py$/.test(word));
  const module = words.findIndex((word, index) => word === 'klippy' && words[index - 1] === '-m');
  const program = script >= 0 ? script : module;
  if (program < 0 || (pid !== null && !(words[0] ?? '').includes('python'))) return null;
  const rest = words.slice(program + 1);
  const given = rest.find(
    (word, index) => !word.startsWith('-') && !klippyOptions.includes(rest[index - 1] ?? ''),
  );
  if (given === undefined) return null;
  const configPath = given.startsWith('/') ? given : joinPath(folder, given);
  const socket = optionOf(rest, '-a', '--api-server');
  return { ...idle(configPath), pid, unit, apiSocket: socket?.startsWith('/') === true ? socket : null };
}

function idle(configPath: string): KlipperFacts {
  const dataPath = /^(\/.+)\/config\/[^/]+$/.exec(configPath)?.[1] ?? null;
  return { configPath, dataPath, pid: null, unit: null, apiSocket: null };
}

function moonrakerOf(program: Program, seen: FilesSeen, home: string): MoonrakerFacts | null {
  const { words, environment, pid, unit } = program;
  const isMoonraker = words.some((word) => /(^|\/)moonraker(\.py)?$/.test(word));
  if (!isMoonraker || !words.some((word) => word.includes('python'))) return null;
  // Moonraker's documentation, "Command line usage": the command line overrides the environment.
  const told = optionOf(words, '-d', '--datapath') ?? environment.get('MOONRAKER_DATA_PATH') ?? null;
  const conf = optionOf(words, '-c', '--configfile') ?? environment.get('MOONRAKER_CONFIG_PATH') ?? null;
  const dataPath = told === null ? null : joinPath('/', expandHome(told, home));
  const configPath =
    conf !== null
      ? joinPath(program.folder, expandHome(conf, home))
      : `${dataPath ?? `${home}/printer_data`}/config/moonraker.conf`;
  return { ...readMoonrakerConf(seen.files, configPath, dataPath, home), pid, unit };
}

/** A moonraker.conf beside a configuration, without a process or a unit for it. */
function guessedMoonraker(report: PiReport, seen: FilesSeen, home: string): MoonrakerFacts | null {
  for (const path of linesOf(partOf(report, 'main'))) {
    const configPath = `${path.slice(0, path.lastIndexOf('/'))}/moonraker.conf`;
    if (!seen.files.has(configPath)) continue;
    return { ...readMoonrakerConf(seen.files, configPath, idle(path).dataPath, home), pid: null, unit: null };
  }
  return null;
}

/** The one that serves this Klipper: by its socket, or else by the folder they share, or else the only one. */
function moonrakerBefore(
  klipper: KlipperFacts,
  klippers: readonly KlipperFacts[],
  moonrakers: readonly MoonrakerFacts[],
): MoonrakerFacts | null {
  const { apiSocket, dataPath } = klipper;
  const bySocket = moonrakers.find((each) => apiSocket !== null && each.klippySocket === apiSocket);
  const byFolder = moonrakers.find((each) => dataPath !== null && each.dataPath === dataPath);
  // A leftover unit of another one does not count beside one that runs.
  const running = moonrakers.filter(({ pid }) => pid !== null);
  const candidates = running.length > 0 ? running : moonrakers;
  const only = klippers.length === 1 && candidates.length === 1 ? candidates[0] : undefined;
  return bySocket ?? byFolder ?? only ?? null;
}

/** `printer_1` of ~/printer_1_data, as KIAUH names instances; or else the folder, or else the unit. */
function nameOf({ configPath, dataPath, unit }: KlipperFacts): string {
  const last = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  if (dataPath !== null) return last(dataPath).replace(/_data$/, '');
  if (unit !== null) return unit.replace(/\.service$/, '');
  return last(configPath).replace(/\.cfg$/, '');
}

function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? home + path.slice(1) : path;
}

/** The first of all that share a key; processes come before units, so that a running one counts. */
function distinct<T>(all: readonly T[], keysOf: (each: T) => readonly (string | null)[]): T[] {
  const seen = new Set<string>();
  return all.filter((each) => {
    const keys = keysOf(each).flatMap((key, index) => (key === null ? [] : [`${index} ${key}`]));
    const isNew = !keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return isNew;
  });
}
