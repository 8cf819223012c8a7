import { matchesGlob } from '../../../app/printer-config/config-glob.ts';
import type { CanAdapter, CanLinks } from './can-links.ts';
import type { PiTree } from './pi-tree.ts';
import { readUnit } from './unit-text.ts';

const linkFolder = '/etc/systemd/network';
const rulesFolder = '/etc/udev/rules.d';

/** The name that a .link file gives an adapter; null if none matches (systemd.link(5): the first one wins). */
export function linkNameFor(tree: PiTree, adapter: CanAdapter): string | null {
  for (const file of tree.list(linkFolder).filter((name) => name.endsWith('.link'))) {
    const unit = readUnit(tree.text(`${linkFolder}/${file}`) ?? '');
    const properties = unit.values('Match', 'Property').flatMap((value) => value.split(/\s+/));
    const drivers = unit.values('Match', 'Driver').flatMap((value) => value.split(/\s+/));
    const fits =
      properties.every((property) => property === `ID_SERIAL_SHORT=${adapter.serial}`) &&
      drivers.every((driver) => driver === 'gs_usb');
    if (fits && properties.length + drivers.length > 0) return unit.values('Link', 'Name').at(-1) ?? null;
  }
  return null;
}

/** The effect of udev's rules on an interface that was just added; the last rule wins. */
export function applyRules(tree: PiTree, links: CanLinks, name: string): void {
  for (const file of tree.list(rulesFolder).filter((each) => each.endsWith('.rules'))) {
    for (const line of (tree.text(`${rulesFolder}/${file}`) ?? '').split('\n')) applyRule(line, links, name);
  }
}

/** One rule of udev(7): keys with `==` must match, keys with `=` are assigned. */
function applyRule(line: string, links: CanLinks, name: string): void {
  if (line.trim().startsWith('#')) return;
  const facts: Readonly<Record<string, string>> = {
    SUBSYSTEM: 'net',
    ACTION: 'add',
    KERNEL: name,
    'ATTR{type}': '280',
    DRIVERS: 'gs_usb',
  };
  const terms = [...line.matchAll(/([A-Z]+(?:\{[^}]*\})?)\s*(==|!=|=)\s*"([^"]*)"/g)];
  const matches = terms.every(([, key = '', operator, pattern = '']) => {
    if (operator === '=') return true;
    const fact = facts[key];
    const fits = fact !== undefined && pattern.split('|').some((each) => matchesGlob(fact, each));
    return fits === (operator === '==');
  });
  if (!matches) return;
  for (const [, key, operator, value = ''] of terms) {
    if (operator === '=' && key === 'ATTR{tx_queue_len}') links.setQueueLength(name, Number(value));
  }
}
