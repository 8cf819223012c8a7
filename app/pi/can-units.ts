import { canCommand, type CanCommand } from './can-commands.ts';
import type { PiFacts, PiFile, UnitFacts } from './facts.ts';
import { deviceUnit } from './networkd.ts';
import { baseName, filesIn, textOf } from './pi-files.ts';
import { parseUnitFile, type UnitEntry } from './unit-file.ts';

/** When something brings the interface up: whenever it appears, once after a boot, or not by itself. */
export type ComesBack = 'always' | 'boot' | 'never' | 'unknown';

/** A service of systemd that brings a CAN interface up. */
export interface CanUnit {
  readonly file: PiFile;
  /** Of an instance, its own: `can@can0.service`. */
  readonly name: string;
  readonly commands: readonly CanCommand[];
  /** Null if systemd did not say. */
  readonly state: UnitFacts | null;
  readonly comesBack: ComesBack;
}

const folders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** Services that do something to the interface; `scripts` are files that do, `wanted` the units that udev starts. */
export function canUnits(
  facts: PiFacts,
  interfaceName: string,
  { scripts, wanted }: { readonly scripts: readonly PiFile[]; readonly wanted: readonly string[] },
): CanUnit[] {
  const seen = new Set<string>();
  return folders.flatMap((folder) =>
    filesIn(facts, folder).flatMap((file) => {
      const base = baseName(file.path);
      if (!base.endsWith('.service') || seen.has(base)) return [];
      seen.add(base);
      const dropIns = folders.flatMap((each) => filesIn(facts, `${each}/${base}.d`));
      const entries = [file, ...dropIns].flatMap((each) => parseUnitFile(textOf(each)).entries);
      return instances(facts, base, interfaceName).flatMap((name) => {
        const commands = commandsOf(entries, name, interfaceName, scripts);
        if (commands.length === 0) return [];
        const state = facts.units.get(name) ?? null;
        const byRule = wanted.some((each) => each.replace(/\$name|%k|\$kernel/, interfaceName) === name);
        return [
          { file, name, commands, state, comesBack: comesBackBy(entries, state, byRule, interfaceName) },
        ];
      });
    }),
  );
}

/** The names under which a unit file runs: its own or, of a template, those of its instances. */
function instances(facts: PiFacts, base: string, interfaceName: string): string[] {
  if (!base.endsWith('@.service')) return [base];
  const stem = base.slice(0, -'.service'.length);
  const known = [...facts.units.keys()].filter((name) => name.startsWith(stem) && name !== base);
  return known.length > 0 ? known : [`${stem}${interfaceName}.service`];
}

function commandsOf(
  entries: readonly UnitEntry[],
  name: string,
  interfaceName: string,
  scripts: readonly PiFile[],
): CanCommand[] {
  const isInstance = name.includes(`@${interfaceName}.`);
  const aliases = isInstance ? ['%i', '%I'] : [];
  return entries
    .filter(({ section, key }) => section === 'Service' && /^Exec(?:Start|StartPre|StartPost)$/.test(key))
    .flatMap(({ value }) => {
      const command = canCommand(value, interfaceName, aliases);
      if (command !== null) return [command];
      const calls = scripts.some(({ path }) => value.includes(path));
      return calls ? [{ bringsUp: true, bitrateBps: null, txQueueLength: null }] : [];
    });
}

function comesBackBy(
  entries: readonly UnitEntry[],
  state: UnitFacts | null,
  byRule: boolean,
  interfaceName: string,
): ComesBack {
  const all = (section: string, ...keys: string[]): string[] =>
    entries
      .filter((each) => each.section === section && keys.includes(each.key))
      .flatMap(({ value }) => value.replaceAll('%i', interfaceName).split(/\s+/));
  const device = deviceUnit(interfaceName);
  const followed = (units: readonly string[]): boolean =>
    units.some((unit) => unit === device || unit === `sys-subsystem-net-devices-${interfaceName}.device`);
  const isOff = state?.enabled === 'disabled' || state?.enabled === 'masked';
  if (isOff && !byRule) return 'never';
  const isStatic = state !== null && state.enabled !== null && !state.enabled.startsWith('enabled');
  if (!byRule && !followed(all('Install', 'WantedBy', 'RequiredBy', 'UpheldBy'))) {
    return isStatic ? 'unknown' : 'boot';
  }
  // A unit that stays active when its device is gone is not started when it is back.
  const endsWithDevice = followed(all('Unit', 'BindsTo', 'StopPropagatedFrom', 'PartOf'));
  const ends =
    all('Service', 'Type').at(-1) === 'oneshot' &&
    !/^(?:yes|true|on|1)$/i.test(all('Service', 'RemainAfterExit').at(-1) ?? 'no');
  return endsWithDevice || ends ? 'always' : 'boot';
}
