import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContractClient } from '../../../app/contract/client.ts';
import { memoryLinkPair } from '../../../app/contract/memory-link.ts';
import { serveContract } from '../../../app/contract/server.ts';
import { stationContract } from '../../../app/contract/station-contract.ts';
import { connectLocally } from '../../../main/links/local/connect-locally.ts';
import { openStation } from '../../../main/station.ts';
import { dataFolders } from '../../../main/station/data-folders.ts';
import { openSharedStation, type SharedStation } from '../../../main/station/open-shared-station.ts';
import { readStationFile } from '../../../main/station/station-file.ts';
import { stationHandlers } from '../../../main/station/station-handlers.ts';
import { systemClock } from '../../../main/system-clock.ts';
import { codeOfRejection } from '../../error-code.ts';

let base: string;
let sim: string;
let opened: AsyncDisposable[];
beforeEach(async () => {
  opened = [];
  base = await mkdtemp(join(tmpdir(), 'canopus-shared-'));
  sim = join(base, 'bench.json');
  const board = { id: 'a', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', boot0: true };
  await writeFile(sim, JSON.stringify({ timeScale: 0, boards: [board] }));
});
afterEach(async () => {
  for (const each of opened) await each[Symbol.asyncDispose]();
  await rm(base, { recursive: true, force: true });
});

const data = (name: string): string => dataFolders(join(base, name)).data;

/** How often something asked for the devices. */
let looks = 0;

async function open(
  name: string,
  waitMs = 0,
  more: Partial<Parameters<typeof openSharedStation>[0]> = {},
): Promise<SharedStation> {
  const shared = await openSharedStation({
    openStation: async () => {
      const station = await openStation({ sim });
      const { devices } = station;
      const watch = devices.watch.bind(devices);
      devices.watch = (listener) => {
        looks += 1;
        return watch(listener);
      };
      return station;
    },
    ...{ folders: dataFolders(join(base, name)), log: () => 'log', host: 'headless', sim, waitMs },
    ...more,
  });
  const features = { name: 'headless', events: none, chooseFolder: null, show: null, updates: null } as const;
  await shared.share((link) =>
    serveContract(stationContract, stationHandlers(shared.services, features), link, {
      clock: systemClock,
      onInternalError: () => 'log',
    }),
  );
  return shared;
}

async function* none(): AsyncGenerator<never> {
  // A host without a menu.
}

describe('the station of a data folder', () => {
  it('is the only one of it; another folder has its own', async () => {
    opened.push(await open('a'));
    await expect(open('a')).rejects.toMatchObject({
      code: 'host/station-running',
      message: expect.stringContaining(`"canopus serve", process ${process.pid},`) as string,
      state: 'untouched',
    });
    opened.push(await open('b'));
  });

  it('lets the next one in when it has ended', async () => {
    const first = await open('a');
    const second = open('a', 5_000);
    await first[Symbol.asyncDispose]();
    opened.push(await second);
    expect(await readStationFile(data('a'))).toMatchObject({ pid: process.pid });
  });

  it('waits for a command as long as that runs, and says once which it is', async () => {
    const command = await open('a', 0, { host: 'cli', command: 'canopus flash' });
    const told: string[] = [];
    let isTold = (): void => undefined;
    const telling = new Promise<void>((resolve) => (isTold = resolve));
    const onWait = (sentence: string): void => {
      told.push(sentence);
      isTold();
    };
    const stop = new AbortController();
    const stopped = open('a', 0, { commandWait: { onWait, signal: stop.signal } });
    await telling;
    stop.abort();
    expect(await codeOfRejection(stopped)).toBe('cancelled');
    const window = open('a', 0, { commandWait: { onWait: (sentence) => told.push(sentence) } });
    expect(await codeOfRejection(open('a'))).toBe('host/station-running');
    await command[Symbol.asyncDispose]();
    opened.push(await window);
    const sentence = `"canopus flash", process ${process.pid}, works with ${data('a')}.`;
    expect(told).toEqual([sentence, sentence]);
    // It waits for no other window.
    expect(await codeOfRejection(open('a', 0, { commandWait: { onWait } }))).toBe('host/station-running');
  });

  it('says in its folder how to reach it, to its user alone, and no more once it has ended', async () => {
    const shared = await open('a');
    const file = (await readStationFile(data('a')))!;
    expect(file).toMatchObject({ host: 'headless', pid: process.pid, sim });
    expect(Buffer.from(file.token, 'base64url')).toHaveLength(32);
    if (process.platform !== 'win32')
      expect((await stat(join(data('a'), 'station.json'))).mode & 0o777).toBe(0o600);
    const { link } = await connectLocally(file.address, file);
    const client = new ContractClient(stationContract, {
      clock: systemClock,
      connect: () => Promise.resolve(link!),
    });
    expect(await client.call('app.info', null)).toMatchObject({ host: 'headless', simulated: true });
    client.close();
    expect(await connectLocally(file.address, { ...file, token: 'guessed' })).toMatchObject({ link: null });
    await shared[Symbol.asyncDispose]();
    expect(await readStationFile(data('a'))).toBeNull();
    expect(await codeOfRejection(readFile(join(data('a'), 'station.lock')))).toBe('foreign error');
  });

  it('opens the devices of a command only for what needs them, those of a window at once', async () => {
    looks = 0;
    const shared = await open('a', 0, { host: 'cli' });
    opened.push(shared);
    const [own, other] = memoryLinkPair();
    const features = { name: 'cli', events: none, chooseFolder: null, show: null, updates: null } as const;
    serveContract(stationContract, stationHandlers(shared.services, features), other, {
      clock: systemClock,
      onInternalError: () => 'log',
    });
    const client = new ContractClient(stationContract, {
      clock: systemClock,
      connect: () => Promise.resolve(own),
    });
    await client.call('history.interrupted', null);
    await client.call('backups.list', { uid: null });
    await client.call('images.list', null);
    expect(looks).toBe(0);
    for await (const event of client.stream('boards.watch', null)) {
      expect(event).toMatchObject({ type: 'all', items: [{ place: 'usb:1-1', mode: 'dfu' }] });
      break;
    }
    const asked = looks;
    expect(asked).toBeGreaterThan(0);
    for await (const event of client.stream('bench.slots', null)) {
      expect(event).toMatchObject({ type: 'all', items: [{ place: 'usb:1-1' }] });
      break;
    }
    expect(looks).toBe(asked);
    client.close();
    opened.push(await open('b'));
    expect(looks).toBeGreaterThan(asked);
  });

  it('takes a folder whose station was killed', async () => {
    opened.push(await open('b'));
    const file = (await readStationFile(data('b')))!;
    await open('a').then((shared) => shared[Symbol.asyncDispose]());
    // As a killed process leaves it: the lock of a process that is not there any more, and a file about it.
    const dead = { host: (await import('node:os')).hostname(), pid: 2 ** 22 + 1, startedAt: 'never' };
    await writeFile(join(data('a'), 'station.lock'), JSON.stringify({ ...dead, token: '0'.repeat(16) }));
    await writeFile(join(data('a'), 'station.json'), JSON.stringify({ ...file, pid: dead.pid }));
    opened.push(await open('a'));
    expect(await readStationFile(data('a'))).toMatchObject({ pid: process.pid });
  });
});
