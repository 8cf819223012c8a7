import { matchesGlob } from '../../../app/printer-config/config-glob.ts';
import type { CanLinks } from './can-links.ts';
import type { PiTree } from './pi-tree.ts';
import { readUnit, type UnitText } from './unit-text.ts';

const folder = '/etc/systemd/network';

/** systemd-networkd: uses its files as they were at its start or last reload (networkctl(1)). */
export class Networkd {
  readonly #tree: PiTree;
  readonly #links: CanLinks;
  #files: readonly UnitText[] = [];
  #texts = '';
  #running = false;

  constructor(tree: PiTree, links: CanLinks) {
    this.#tree = tree;
    this.#links = links;
  }

  start(): void {
    this.#running = true;
    this.#load();
    for (const { name } of this.#links.all) this.configure(name);
  }

  stop(): void {
    this.#running = false;
  }

  /** Reads its files again, and reconfigures every interface whose configuration changed. */
  reload(): boolean {
    if (!this.#running) return false;
    const before = this.#texts;
    this.#load();
    if (before !== this.#texts) for (const { name } of this.#links.all) this.configure(name);
    return true;
  }

  /** Takes the interface down and brings it up as the first matching file says. */
  configure(name: string): boolean {
    if (!this.#running || this.#links.get(name) === null) return false;
    const file = this.#files.find((each) => isFor(each, name));
    if (file === undefined) return true;
    const rate = bitsPerSecond(file.values('CAN', 'BitRate').at(-1) ?? '');
    this.#links.setUp(name, false);
    // Today's kernels refuse this for gs_usb; networkd logs that and stops there.
    if (file.values('CAN', 'RestartSec').length > 0) return true;
    if (rate !== null) this.#links.setBitrate(name, rate);
    // Without a bit rate the kernel refuses, which networkd only logs.
    this.#links.setUp(name, true);
    return true;
  }

  #load(): void {
    const texts = this.#tree
      .list(folder)
      .filter((name) => name.endsWith('.network'))
      .map((name) => this.#tree.text(`${folder}/${name}`) ?? '');
    this.#texts = texts.join('\0');
    this.#files = texts.map(readUnit);
  }
}

function isFor(file: UnitText, name: string): boolean {
  const names = file.values('Match', 'Name').flatMap((value) => value.split(/\s+/));
  const types = file.values('Match', 'Type').flatMap((value) => value.split(/\s+/));
  if (names.length === 0 && types.length === 0) return false;
  const byName = names.length === 0 || names.some((pattern) => matchesGlob(name, pattern));
  return byName && (types.length === 0 || types.includes('can'));
}

/** `1000000`, `500K`, `1M` (systemd.network(5), BitRate=). */
function bitsPerSecond(text: string): number | null {
  const match = /^(\d+)([KMG]?)$/.exec(text);
  if (match?.[1] === undefined) return null;
  return Number(match[1]) * { '': 1, K: 1e3, M: 1e6, G: 1e9 }[match[2] as '' | 'K' | 'M' | 'G'];
}
