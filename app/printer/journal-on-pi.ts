import type { PiFacts } from '../pi/facts.ts';
import type { PiHost } from '../pi/pi-host.ts';
import { isCanopusError } from '../errors.ts';
import { parseUpdateJournal, type UpdateJournal } from './update-journal.ts';

/** One file a printer: the last update, which is what can be resumed or rolled back. */
const pathOf = ({ home }: Pick<PiFacts, 'home'>, printer: string): string =>
  `${home}/.local/state/canopus/updates/${printer.replace(/[^0-9A-Za-z_-]/g, '_').slice(0, 100)}.json`;

/** Keeps a copy of the journal on the Pi. Throws `pi/disk-full`, `pi/read-only`. */
export function keepOnPi(host: PiHost, facts: PiFacts, journal: UpdateJournal): Promise<void> {
  return host.keep(pathOf(facts, journal.printer), `${JSON.stringify(journal, null, 2)}\n`);
}

/** The copy on the Pi; null for none, or one of another version. */
export async function keptOnPi(host: PiHost, facts: PiFacts, printer: string): Promise<UpdateJournal | null> {
  const path = pathOf(facts, printer);
  const bytes = (await host.contents([path])).get(path) ?? null;
  if (bytes === null) return null;
  try {
    return parseUpdateJournal(new TextDecoder().decode(bytes));
  } catch (error) {
    if (isCanopusError(error, 'printer/bad-journal')) return null;
    throw error;
  }
}
