import type { CommandResult } from '../../../app/pi/pi-host.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { CanLinks, type CanAdapter } from './can-links.ts';
import { Ifupdown } from './ifupdown.ts';
import { failed, runIp, succeeded } from './ip-command.ts';
import { Networkd } from './networkd.ts';
import { configPathOf, filesOf, foldersOf, unitOfPrinter, unitsOf, type PiFlavour } from './pi-flavours.ts';
import { PiTree } from './pi-tree.ts';
import { Systemd, type VirtualUnit } from './systemd.ts';
import { applyRules, linkNameFor } from './udev.ts';
import { VirtualKlipper } from './virtual-klipper.ts';

interface VirtualPiOptions {
  readonly clock: Clock;
  readonly flavour: PiFlavour;
  /** The Klipper version on it. */
  readonly klipperVersion: string;
  /** Its printers, as KIAUH names them; one called `printer` by default. */
  readonly printers?: readonly string[];
  /** The sudo password; null if sudo needs none. */
  readonly sudoPassword?: string | null;
}

const replugMs = 1000;

/**
 * A printer's Pi in memory: files, network, systemd, Klipper with Moonraker. Only its files bring up CAN interfaces:
 * the programs that read them are modelled, each with its own reader.
 */
export class VirtualPi {
  readonly clock: Clock;
  readonly flavour: PiFlavour;
  readonly sudoPassword: string | null;
  /** False while its network is down: logins find the connection lost. */
  isReachable = true;
  readonly tree = new PiTree();
  readonly links = new CanLinks();
  /** The Klipper of each printer, in order. */
  readonly klippers: ReadonlyMap<string, VirtualKlipper>;
  readonly systemd: Systemd;
  readonly #ifupdown: Ifupdown;
  readonly #networkd: Networkd;
  readonly #plugged = new Map<string, CanAdapter>();
  /** Removed through /sys, but still in their ports. */
  readonly #unauthorized = new Set<string>();

  constructor(options: VirtualPiOptions) {
    this.clock = options.clock;
    this.flavour = options.flavour;
    this.sudoPassword = options.sudoPassword ?? null;
    const { tree, links, clock } = this;
    const names = options.printers ?? ['printer'];
    for (const [path, text] of Object.entries(filesOf(options.flavour, names))) tree.write(path, text);
    for (const folder of foldersOf(options.flavour)) tree.makeFolder(folder);
    this.#ifupdown = new Ifupdown(tree, links);
    this.#networkd = new Networkd(tree, links);
    const version = options.klipperVersion;
    this.klippers = new Map(
      names.map((name) => [
        name,
        new VirtualKlipper({ tree, links, clock, configPath: configPathOf(name), version }),
      ]),
    );
    this.systemd = new Systemd(tree, links, this.#units(options.flavour));
    if (this.#isActive('systemd-networkd.service')) this.#networkd.start();
    for (const klipper of this.klippers.values()) klipper.start();
  }

  /** The Klipper of the first printer. */
  get klipper(): VirtualKlipper {
    const [first] = this.klippers.values();
    if (first === undefined) throw new Error('a virtual Pi has a printer');
    return first;
  }

  /** The adapters in its ports. */
  get adapters(): readonly CanAdapter[] {
    return [...this.#plugged.values()];
  }

  plug(adapter: CanAdapter): void {
    this.#plugged.set(adapter.busPort, adapter);
    this.#appear(adapter);
  }

  unplug(busPort: string): void {
    this.#plugged.delete(busPort);
    this.#unauthorized.delete(busPort);
    this.links.remove(busPort);
  }

  /** Everything held only in memory is lost; files and enabled units decide. */
  reboot(): void {
    for (const klipper of this.klippers.values()) klipper.stop();
    for (const { busPort } of this.adapters) this.links.remove(busPort);
    this.#networkd.stop();
    this.#ifupdown.reboot();
    this.systemd.systemctl(['daemon-reload']);
    for (const unit of this.systemd.units.values()) unit.active = unit.enabled;
    if (this.#isActive('systemd-networkd.service')) this.#networkd.start();
    for (const adapter of this.adapters) this.#appear(adapter);
    for (const [name, klipper] of this.klippers) {
      if (this.#isActive(unitOfPrinter(name))) klipper.start();
    }
  }

  /** Runs one of the installed programs; 127 for any other, as a shell does. */
  async run(argv: readonly string[]): Promise<CommandResult> {
    const [program = '', ...words] = argv;
    const name = words.find((word) => !word.startsWith('-')) ?? '';
    const worked = (done: boolean): CommandResult => (done ? succeeded : failed(1, `${program} failed`));
    switch (program) {
      case 'ip':
        return runIp(words, this.links);
      case 'systemctl': {
        const instance = /^ifup@(.+)\.service$/.exec(words.at(-1) ?? '')?.[1];
        if (instance === undefined || this.flavour !== 'ifupdown') return this.systemd.systemctl(words);
        return worked(this.#ifupdown.unit(words[0] ?? '', instance));
      }
      case 'udevadm':
        return succeeded;
      case 'networkctl':
        return worked(
          words[0] === 'reload' ? this.#networkd.reload() : this.#networkd.configure(words[1] ?? ''),
        );
      case 'ifup':
      case 'ifdown': {
        if (this.flavour !== 'ifupdown') break;
        const force = words.includes('--force');
        return worked(program === 'ifup' ? this.#ifupdown.up(name, force) : this.#ifupdown.down(name, force));
      }
      case 'true':
        return succeeded;
      case 'false':
        return failed(1, '');
      case 'sh':
        return this.#replug(words.at(-1) ?? '');
    }
    return failed(127, `${program}: not found`);
  }

  dispose(): void {
    for (const klipper of this.klippers.values()) klipper.dispose();
  }

  /** The kernel's switch that removes and restores a USB device, as a shell writes to it. */
  async #replug(path: string): Promise<CommandResult> {
    const busPort = /^\/sys\/bus\/usb\/devices\/([^/]+)\/authorized$/.exec(path)?.[1] ?? '';
    const adapter = this.#plugged.get(busPort);
    if (adapter === undefined) return failed(2, `${path}: no such file`);
    this.#unauthorized.add(busPort);
    this.links.remove(busPort);
    await this.clock.sleep(replugMs);
    if (this.#unauthorized.delete(busPort)) this.#appear(adapter);
    return succeeded;
  }

  /** What the kernel, udev and a network stack do with a new interface, in order. */
  #appear(adapter: CanAdapter): void {
    const { tree, links } = this;
    const wished = linkNameFor(tree, adapter);
    const name = wished !== null && links.get(wished) === null ? wished : links.freeName();
    links.add(adapter, name);
    applyRules(tree, links, name);
    if (this.#isActive('networking.service')) this.#ifupdown.hotplug(name);
    if (this.#isActive('systemd-networkd.service')) this.#networkd.configure(name);
    this.systemd.deviceAdded(name);
  }

  #isActive(name: string): boolean {
    return this.systemd.units.get(name)?.active === true;
  }

  #units(flavour: PiFlavour): Map<string, VirtualUnit> {
    const units = new Map<string, VirtualUnit>();
    for (const [name, how] of Object.entries(unitsOf(flavour))) {
      const on = how === 'active';
      const isNetworkd = name === 'systemd-networkd.service';
      const hooks = {
        onStart: () => this.#networkd.start(),
        onStop: () => this.#networkd.stop(),
      };
      units.set(name, { enabled: on, active: on, ...(isNetworkd ? hooks : {}) });
    }
    for (const [name, klipper] of this.klippers) {
      const onStart = (): void => klipper.start();
      const onStop = (): void => klipper.stop();
      units.set(unitOfPrinter(name), { enabled: true, active: true, onStart, onStop });
    }
    return units;
  }
}
