import { matchesGlob } from '../../../app/printer-config/config-glob.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { CanLinks } from './can-links.ts';
import { MoonrakerStandIn } from './moonraker-stand-in.ts';
import { folderOf, type PiTree } from './pi-tree.ts';

interface VirtualKlipperOptions {
  readonly tree: PiTree;
  readonly links: CanLinks;
  readonly clock: Clock;
  readonly configPath: string;
  /** Version of the host software. */
  readonly version: string;
}

/** How long Klipper is looking for its boards before it gives up. */
const connectMs = 60_000;

interface McuSection {
  readonly name: string;
  readonly options: ReadonlyMap<string, string>;
}

/**
 * Klipper's host process behind Moonraker: reads printer.cfg when it starts, is ready when every [mcu] of it is
 * present, and shuts down when one disappears. The boards' own protocol is not simulated.
 */
export class VirtualKlipper {
  readonly moonraker: MoonrakerStandIn;
  readonly #options: VirtualKlipperOptions;
  #mcus: readonly McuSection[] = [];
  #waiting = new AbortController();
  #running = false;

  constructor(options: VirtualKlipperOptions) {
    this.#options = options;
    this.moonraker = new MoonrakerStandIn({ softwareVersion: options.version }, (_, how) => {
      if (how === 'firmware_restart') this.#resetBoards();
      this.#begin();
    });
    options.links.listen(() => this.#look());
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    this.#running = true;
    this.#begin();
  }

  stop(): void {
    this.#running = false;
    this.#waiting.abort();
    this.#be('disconnected', '');
  }

  /** A person starts or ends a print. Nothing prints while Klipper is not ready. */
  setPrinting(isPrinting: boolean): void {
    const { state } = this.moonraker;
    const print = isPrinting && state.klippy === 'ready' ? 'printing' : 'standby';
    this.moonraker.state = { ...state, print };
  }

  /** A person presses the emergency stop: shut down until Klipper restarts. */
  stopInEmergency(): void {
    if (!this.#running) return;
    this.#waiting.abort();
    this.#be('shutdown', 'Shutdown due to webhooks request');
    this.setPrinting(false);
  }

  dispose(): void {
    this.#waiting.abort();
  }

  #begin(): void {
    this.#waiting.abort();
    this.#waiting = new AbortController();
    this.#mcus = readMcus(this.#options.tree, this.#options.configPath);
    this.#be('startup', 'Klipper is looking for its boards');
    const broken = this.#mcus.find(({ options }) => options.has('canbus_uuid') && options.has('serial'));
    if (broken !== undefined) {
      this.#be('error', `[${broken.name}] has both canbus_uuid and serial`);
      return;
    }
    this.#look();
    const { clock } = this.#options;
    clock.sleep(connectMs, this.#waiting.signal).then(
      () => {
        const missing = this.#missing();
        if (missing !== null && this.moonraker.state.klippy === 'startup') this.#be('error', missing);
      },
      () => undefined,
    );
  }

  /** Only boards that Klipper talks to can be reset. */
  #resetBoards(): void {
    if (this.moonraker.state.klippy !== 'ready') return;
    for (const { adapter } of this.#options.links.all) {
      if (this.#mcus.some(({ options }) => options.get('canbus_uuid') === adapter.canbusUuid))
        adapter.reset();
    }
  }

  #look(): void {
    if (!this.#running) return;
    const { klippy } = this.moonraker.state;
    const missing = this.#missing();
    if (klippy === 'startup' && missing === null) this.#be('ready', 'Printer is ready');
    if (klippy === 'ready' && missing !== null) this.#be('shutdown', `Lost: ${missing}`);
  }

  /** Which board is missing, in words; null if all are there. */
  #missing(): string | null {
    if (this.#mcus.length === 0) return 'printer.cfg has no [mcu]';
    for (const { name, options } of this.#mcus) {
      const uuid = options.get('canbus_uuid');
      if (uuid === undefined) return `[${name}] is not on ${options.get('serial') ?? 'any port'}`;
      const interfaceName = options.get('canbus_interface') ?? 'can0';
      const link = this.#options.links.get(interfaceName);
      if (link?.up !== true) return `[${name}] is unreachable: ${interfaceName} is not up`;
      const there = [link.adapter.canbusUuid, ...link.adapter.nodes];
      if (!there.includes(uuid)) return `[${name}] ${uuid} does not reply on ${interfaceName}`;
    }
    return null;
  }

  #be(klippy: MoonrakerStandIn['state']['klippy'], message: string): void {
    const { links, version } = this.#options;
    const versionOf = (uuid = ''): string => {
      const own = links.all.find(({ adapter }) => adapter.canbusUuid === uuid);
      if (own !== undefined) return own.adapter.softwareVersion ?? version;
      const bus = links.all.find(({ adapter }) => adapter.nodes.includes(uuid));
      return bus?.adapter.nodeVersion?.(uuid) ?? version;
    };
    const mcus =
      klippy === 'ready'
        ? this.#mcus.map(({ name, options }) => [name, versionOf(options.get('canbus_uuid'))] as const)
        : [];
    this.moonraker.state = { ...this.moonraker.state, klippy, message, mcus: new Map(mcus) };
  }
}

/** The [mcu] sections of a configuration and its includes; parsed apart from the editor that is tested on it. */
function readMcus(tree: PiTree, configPath: string): McuSection[] {
  const sections = new Map<string, Map<string, string>>();
  const seen = new Set<string>();
  const read = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    let options: Map<string, string> | null = null;
    for (const raw of (tree.text(path) ?? '').split('\n')) {
      const line = raw.replace(/#.*/, '').trimEnd();
      const header = /^\[(.+)\]/.exec(line)?.[1]?.trim();
      if (header?.startsWith('include ') === true) {
        const pattern = `${folderOf(path)}/${header.slice(8).trim()}`;
        for (const each of tree.paths.filter((known) => matchesGlob(known, pattern))) read(each);
      } else if (header !== undefined) {
        options = sections.get(header) ?? new Map<string, string>();
        sections.set(header, options);
      } else {
        const option = /^(\w+)\s*[:=]\s*(.*)$/.exec(line);
        if (option?.[1] !== undefined) options?.set(option[1], (option[2] ?? '').trim());
      }
    }
  };
  read(configPath);
  return [...sections].flatMap(([name, options]) =>
    name === 'mcu' || name.startsWith('mcu ') ? [{ name, options }] : [],
  );
}
