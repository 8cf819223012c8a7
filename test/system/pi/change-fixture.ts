import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ChangeRun } from '../../../app/pi/apply.ts';
import type { ChangeEvent } from '../../../app/pi/change-event.ts';
import { journalId } from '../../../app/pi/journal.ts';
import type { PiHost } from '../../../app/pi/pi-host.ts';
import { defaultWishes, type PiPlan, type PiWishes } from '../../../app/pi/plan-types.ts';
import { makePlan } from '../../../app/pi/plan.ts';

export const boards = [{ section: 'mcu', canbusUuid: '6beb0175188a' }];
export const wishes: PiWishes = { ...defaultWishes, boards };

let count = 0;

/** Consent to everything, with a new id each time. */
export function consent() {
  const now = new Date(Date.UTC(2026, 10, 21, 1, 30, count));
  count += 1;
  return {
    askPassword: (): Promise<string | null> => Promise.resolve(null),
    confirmedIdle: false,
    force: false,
    now,
    id: journalId(now, 0.5),
  };
}

export async function planFor(host: PiHost, changes: Partial<PiWishes> = {}): Promise<PiPlan> {
  const facts = await host.look();
  return makePlan(facts, await host.printers(facts), { ...wishes, ...changes });
}

/** Runs a change to its end; returns what it threw. */
export async function follow(
  run: ChangeRun,
  onEvent: (event: ChangeEvent) => void = () => undefined,
): Promise<{ events: ChangeEvent[]; error: unknown }> {
  const events: ChangeEvent[] = [];
  try {
    for await (const event of run) {
      events.push(event);
      onEvent(event);
    }
    return { events, error: null };
  } catch (error) {
    return { events, error };
  }
}

/** Every file below a folder with content, mode and modification time, journals left out. */
export async function snapshot(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (!entry.isFile() || name.includes('.local/state/canopus') || name.startsWith('state/')) continue;
    try {
      const { mode, mtimeMs } = await stat(path);
      files.set(name, `${(mode & 0o7777).toString(8)} ${mtimeMs}\n${await readFile(path, 'latin1')}`);
    } catch (error) {
      // A step that outlives its connection may rename its copy just now.
      if (!/^\.canopus-.*\.tmp$/.test(entry.name) || !isMissing(error)) throw error;
    }
  }
  return files;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
