import { matchesGlob } from '../../../app/printer-config/config-glob.ts';
import type { CanLinks } from './can-links.ts';
import { runIp } from './ip-command.ts';
import type { PiTree } from './pi-tree.ts';

interface Stanza {
  readonly family: string;
  readonly options: readonly (readonly [string, string])[];
}

const mainFile = '/etc/network/interfaces';

/** ifupdown as in Debian: reads its files again each time (interfaces(5), ifup(8)). */
export class Ifupdown {
  readonly #tree: PiTree;
  readonly #links: CanLinks;
  /** The interfaces it brought up, as in /run/network/ifstate. */
  readonly #state = new Set<string>();
  /** Active instances of ifup@.service. */
  readonly #units = new Set<string>();

  constructor(tree: PiTree, links: CanLinks) {
    this.#tree = tree;
    this.#links = links;
  }

  /**
   * udev reports a new interface: its unit ifup@NAME starts if a line `allow-hotplug` or `auto` names it. Only that
   * unit ends with its device and makes ifupdown forget it; an interface brought up by hand still counts as up.
   */
  hotplug(name: string): void {
    if (this.#units.delete(name)) this.#state.delete(name);
    if (this.#read().selected.has(name)) this.unit('start', name);
  }

  /** `systemctl start|stop|restart ifup@NAME.service`. Returns whether it worked. */
  unit(verb: string, name: string): boolean {
    if (verb !== 'start' && this.#units.delete(name)) this.down(name, false);
    if (verb === 'stop' || this.#units.has(name)) return true;
    const worked = !this.#read().selected.has(name) || this.up(name, false);
    if (worked && this.#state.has(name)) this.#units.add(name);
    return worked && this.#state.has(name);
  }

  /** Its state is only in memory. */
  reboot(): void {
    this.#state.clear();
    this.#units.clear();
  }

  /** Returns whether it worked. */
  up(name: string, force: boolean): boolean {
    const stanza = this.#read().stanzas.get(name);
    if (stanza === undefined) return false;
    if (this.#state.has(name) && !force) return true;
    const value = (key: string) => stanza.options.find(([option]) => option === key)?.[1];
    if (stanza.family === 'can') {
      const bitrate = Number(value('bitrate'));
      if (bitrate > 0 && !this.#links.setBitrate(name, bitrate)) return false;
    }
    if (!this.#links.setUp(name, true)) return false;
    this.#state.add(name);
    return stanza.options
      .filter(([option]) => option === 'up' || option === 'post-up')
      .every(([, command]) => this.#run(command, name));
  }

  down(name: string, force: boolean): boolean {
    if (!this.#state.delete(name) && !force) return true;
    return this.#links.setUp(name, false);
  }

  /** The commands that people write there; ifconfig is not installed. */
  #run(command: string, name: string): boolean {
    const words = command.replaceAll('$IFACE', name).trim().split(/\s+/);
    const [program, ...rest] = words;
    return (program === 'ip' || program === '/sbin/ip') && runIp(rest, this.#links).exitCode === 0;
  }

  #read(): { stanzas: Map<string, Stanza>; selected: Set<string> } {
    const stanzas = new Map<string, Stanza>();
    const selected = new Set<string>();
    const read = (path: string): void => {
      let options: [string, string][] | null = null;
      for (const raw of (this.#tree.text(path) ?? '').split('\n')) {
        const [first = '', ...rest] = raw.trim().split(/\s+/);
        if (first === '' || first.startsWith('#')) continue;
        if (first === 'iface') {
          options = [];
          stanzas.set(rest[0] ?? '', { family: rest[1] ?? '', options });
        } else if (first === 'auto' || first.startsWith('allow-')) {
          for (const name of rest) selected.add(name);
          options = null;
        } else if (first === 'source' || first === 'source-directory') {
          const pattern = first === 'source' ? (rest[0] ?? '') : `${rest[0] ?? ''}/*`;
          const matching = this.#tree.paths.filter((each) => each !== path && matchesGlob(each, pattern));
          for (const each of matching) read(each);
          options = null;
        } else {
          options?.push([first, rest.join(' ')]);
        }
      }
    };
    read(mainFile);
    return { stanzas, selected };
  }
}
