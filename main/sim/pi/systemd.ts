import type { CommandResult } from '../../../app/pi/pi-host.ts';
import type { CanLinks } from './can-links.ts';
import { failed, runIp, succeeded } from './ip-command.ts';
import type { PiTree } from './pi-tree.ts';
import { readUnit, type UnitText } from './unit-text.ts';

export interface VirtualUnit {
  enabled: boolean;
  active: boolean;
  readonly onStart?: () => void;
  readonly onStop?: () => void;
}

const folder = '/etc/systemd/system';

/** systemd, as far as `systemctl` with a handful of units goes; units in files count once they were loaded. */
export class Systemd {
  readonly #tree: PiTree;
  readonly #links: CanLinks;
  readonly units: ReadonlyMap<string, VirtualUnit>;
  /** Units of /etc/systemd/system as last loaded. */
  #files = new Map<string, UnitText>();
  readonly #enabledFiles = new Set<string>();

  constructor(tree: PiTree, links: CanLinks, units: ReadonlyMap<string, VirtualUnit>) {
    this.#tree = tree;
    this.#links = links;
    this.units = units;
    this.#reload();
  }

  systemctl(words: readonly string[]): CommandResult {
    const [verb, ...rest] = words;
    if (verb === 'daemon-reload') {
      this.#reload();
      return succeeded;
    }
    const name = rest.find((word) => !word.startsWith('--')) ?? '';
    const now = rest.includes('--now');
    const known = this.units.get(name);
    if (known === undefined) return this.#fileUnit(verb, name, now);
    if (verb === 'enable' || verb === 'disable') known.enabled = verb === 'enable';
    if (verb === 'restart' || verb === 'stop' || (verb === 'disable' && now)) stop(known);
    if (verb === 'restart' || verb === 'start' || (verb === 'enable' && now)) start(known);
    return succeeded;
  }

  /** A device appeared: units that it wants are started. */
  deviceAdded(name: string): void {
    const device = `sys-subsystem-net-devices-${name}.device`;
    for (const unit of this.#enabledFiles) {
      const wanted = this.#files.get(unit)?.values('Install', 'WantedBy') ?? [];
      if (wanted.includes(device)) this.#run(unit);
    }
  }

  /** True if a unit from a file is enabled. */
  isEnabled(name: string): boolean {
    return this.#enabledFiles.has(name);
  }

  #fileUnit(verb: string | undefined, name: string, now: boolean): CommandResult {
    if (verb === 'disable') {
      this.#enabledFiles.delete(name);
      return succeeded;
    }
    // Enabling reads the file; starting uses what was loaded before.
    if (verb === 'enable') this.#reload();
    if (!this.#files.has(name)) return failed(1, `Unit ${name} not found.`);
    if (verb === 'enable') this.#enabledFiles.add(name);
    const starts = verb === 'restart' || verb === 'start' || (verb === 'enable' && now);
    return !starts || this.#run(name) ? succeeded : failed(1, `Job for ${name} failed.`);
  }

  /** A oneshot service stops at its first failing command. */
  #run(name: string): boolean {
    const commands = this.#files.get(name)?.values('Service', 'ExecStart') ?? [];
    return commands.every((command) => {
      const [program = '', ...words] = command.split(/\s+/);
      return program.endsWith('/ip') && runIp(words, this.#links).exitCode === 0;
    });
  }

  #reload(): void {
    const names = this.#tree.list(folder).filter((name) => name.endsWith('.service'));
    this.#files = new Map(names.map((name) => [name, readUnit(this.#tree.text(`${folder}/${name}`) ?? '')]));
  }
}

function start(unit: VirtualUnit): void {
  if (unit.active) return;
  unit.active = true;
  unit.onStart?.();
}

function stop(unit: VirtualUnit): void {
  if (!unit.active) return;
  unit.active = false;
  unit.onStop?.();
}
