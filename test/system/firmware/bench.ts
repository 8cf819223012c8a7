import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildEvent } from '../../../app/build/build-event.ts';
import { makeRecipe } from '../../../app/build/recipe.ts';
import type { Recipe, RecipeInput } from '../../../app/build/recipe.ts';
import { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import type { FirmwareServiceOptions } from '../../../main/firmware/firmware-service.ts';

export const f446: RecipeInput = {
  mcu: 'stm32f446xx',
  crystalHz: 12_000_000,
  applicationOffset: 0x8000,
  canPins: ['PD0', 'PD1'],
  bitrateBps: 1_000_000,
};

export function recipe(change: Partial<RecipeInput> = {}): Recipe {
  return makeRecipe({ ...f446, ...change });
}

/** A folder for one test, with a cache in it. */
export interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly cacheFolder: string;
  /** A service on the bench's cache, as a newly started station has it. */
  service(options?: Partial<FirmwareServiceOptions>): FirmwareService;
  /** A folder to be put in front of PATH, with a stand-in for each named program. */
  standIns(programs: Readonly<Record<string, string>>): Promise<string>;
  /** A folder to be the whole PATH: everything of /usr/bin and /bin but the named programs. */
  pathWithout(...names: string[]): Promise<string>;
  /** Command lines of processes that work in the bench's folder. */
  processes(): Promise<string[]>;
}

export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'canopus-firmware-'));
  const cacheFolder = join(folder, 'cache');
  const services: FirmwareService[] = [];
  let standInFolders = 0;
  return {
    folder,
    cacheFolder,
    service: (options = {}) => {
      const service = new FirmwareService({
        cacheFolder,
        openPi: () => Promise.reject(new Error('this test has no Pi')),
        ...options,
      });
      services.push(service);
      return service;
    },
    standIns: async (programs) => {
      const bin = join(folder, `bin-${standInFolders++}`);
      await mkdir(bin);
      for (const [name, script] of Object.entries(programs)) {
        await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
        await chmod(join(bin, name), 0o755);
      }
      return bin;
    },
    pathWithout: async (...names) => {
      const bin = join(folder, `bin-${standInFolders++}`);
      await mkdir(bin);
      for (const source of ['/usr/bin', '/bin']) {
        for (const name of await readdir(source)) {
          if (names.includes(name)) continue;
          await symlink(join(source, name), join(bin, name)).catch(() => undefined);
        }
      }
      return bin;
    },
    processes: () => processesIn(folder),
    async [Symbol.asyncDispose]() {
      for (const service of services) await service[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Command lines that name the folder, of processes that are not zombies; this one is not counted. */
async function processesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(folder)) found.push(`${pid}: ${line.replaceAll('\0', ' ')}`);
  }
  return found;
}

/** Collects events; `phases` are the phases that were passed. */
export function recorder() {
  const events: BuildEvent[] = [];
  return {
    events,
    onEvent: (event: BuildEvent) => void events.push(event),
    phases: () => events.filter((event) => event.type === 'phase').map(({ phase }) => phase),
    cached: () => events.some((event) => event.type === 'cached'),
    lines: (level: string) =>
      events.filter((event) => event.type === 'log').filter((event) => event.level === level),
    notes: () => events.filter((event) => event.type === 'note').map(({ text }) => text),
  };
}
