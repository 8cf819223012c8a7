import { matchesGlob } from '../../../app/printer-config/config-glob.ts';
import type { CanAdapter, CanLinks } from './can-links.ts';
import type { PiTree } from './pi-tree.ts';
import { readUnit } from './unit-text.ts';

const linkFolder = '/etc/systemd/network';
const rulesFolder = '/etc/udev/rules.d';

/** The name that a .link file gives an adapter; null if none matches (systemd.link(5): the first one wins). */
export function linkNameFor(tree: PiTree, adapter: CanAdapter): string | null {
  return linkValueFor(tree, adapter, 'Name');
}

function linkValueFor(tree: PiTree, adapter: CanAdapter, key: string): string | null {
  for (const file of tree.list(linkFolder).filter((name) => name.endsWith('.link'))) {
    const unit = readUnit(tree.text(`${linkFolder}/${file}`) ?? '');
    const properties = unit.values('Match', 'Property').flatMap((value) => value.split(/\s+/));
    const drivers = unit.values('Match', 'Driver').flatMap((value) => value.split(/\s+/));
    const fits =
      properties.every((property) => property === `ID_SERIAL_SHORT=${adapter.serial}`) &&
      drivers.every((driver) => driver === 'gs_usb');
    if (fits && properties.length + drivers.length > 0) return unit.values('Link', key).at(-1) ?? null;
  }
  return null;
}

/** The effect of udev's rules on an interface that was just added; the last rule wins. */
export function applyRules(tree: PiTree, links: CanLinks, name: string): void {
  const adapter = links.get(name)?.adapter ?? null;
  const queue = adapter === null ? null : linkValueFor(tree, adapter, 'TransmitQueueLength');
  const files = tree.list(rulesFolder).filter((each) => each.endsWith('.rules'));
  const isEarly = (file: string): boolean => file < '80-net-setup-link.rules';
  const run = (file: string): void => {
    for (const line of (tree.text(`${rulesFolder}/${file}`) ?? '').split('\n')) applyRule(line, links, name);
  };
  files.filter(isEarly).forEach(run);
  if (queue !== null) links.setQueueLength(name, Number(queue));
  files.filter((file) => !isEarly(file)).forEach(run);
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
    'ATTRS{serial}': links.get(name)?.adapter.serial ?? '',
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
