import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canbusUuid } from '../../../../app/boards/canbus-uuid.ts';
import { makeKatapultImage } from '../../../../main/sim/sample-images.ts';
import { formerContents, same } from '../../../conformance/dfu-bench.ts';
import { canopus } from './command-line.ts';

const uid = '430014000A50534E4E313120';
const silentUid = '2C0041000A50534E4E313120';
const flashBytes = 512 * 1024;

let folder: string;
const file = (name: string): string => path.join(folder, name);

/** On 1-1 an F446 in DFU that reports its UID, on 1-2 one that does not; both with a maker's program. */
async function writeBench(name: string, program: string): Promise<void> {
  const board = { mcu: 'stm32f446xx', boot0: true, flash: [{ address: '0x08000000', file: program }] };
  const boards = [
    { ...board, id: 'tells', uid, port: '1-1' },
    { ...board, id: 'silent', uid: silentUid, port: '1-2', uidReadable: false },
    { ...board, id: 'large', mcu: 'stm32f407xx', uid, port: '1-3' },
  ];
  await writeFile(file(name), JSON.stringify({ timeScale: 0, boards }));
}

const program = formerContents(40_000);
const whole = new Uint8Array(flashBytes).fill(0xff);
whole.set(program);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-restore-'));
  await writeFile(file('maker.bin'), program);
  await writeFile(file('other.bin'), formerContents(50_000).fill(0x5a, 20_000));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeBench('before.json', 'maker.bin');
  await writeBench('after.json', 'other.bin');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const onData = (...args: string[]): ReturnType<typeof canopus> =>
  canopus(...args, '--data', folder, '--json');

/** Installs Katapult with a backup; the virtual board is gone with the command. Returns the id of the backup. */
async function backUp(port: string, ...where: string[]): Promise<string> {
  const { events, exitCode } = await onData(
    ...['install-katapult', '--port', port, '--image', file('katapult.bin'), '--sim', file('before.json')],
    ...['--preset', 'btt-octopus-pro-1.1:f446', '--backup', ...where],
  );
  expect(exitCode).toBe(0);
  const { backupId } = events.find(({ type }) => type === 'backup') ?? {};
  return backupId as string;
}

function restore(port: string, backup: string, ...more: string[]): ReturnType<typeof canopus> {
  return onData('restore', '--port', port, '--backup', backup, '--sim', file('after.json'), ...more);
}

describe('canopus restore', () => {
  it('puts back what --backup kept in the data folder, by its id', async () => {
    const id = await backUp('1-1');
    const listed = (await onData('backups', '--board', uid)).events;
    expect(listed).toMatchObject([
      {
        type: 'backup',
        id,
        uid,
        flashBytes,
        place: 'usb:1-1',
        virtual: true,
        presetId: 'btt-octopus-pro-1.1',
      },
      { type: 'report', shown: 1, damaged: [] },
    ]);
    const [{ path: kept, runId }] = listed as [{ path: string; runId: number }];
    expect(same(await readFile(kept), whole)).toBe(true);
    const { events, exitCode } = await restore('1-1', id);
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({
      ...{ type: 'report', port: '1-1', backupId: id, uid, outcome: 'restored', bytesVerified: flashBytes },
    });
    const runs = (await onData('history', '--virtual')).events.filter(({ type }) => type === 'run');
    expect(runs).toMatchObject([
      {
        kind: 'restore',
        status: 'done',
        state: 'restored',
        backupId: id,
        uid,
        presetId: 'btt-octopus-pro-1.1',
      },
      { kind: 'install-katapult', id: runId, backupId: id },
    ]);
  });

  it('restores a file that --backup named, and one without a record', async () => {
    const id = await backUp('1-1', file('mine.bin'));
    expect(same(await readFile(file('mine.bin')), whole)).toBe(true);
    const byPlace = await onData(
      ...['restore', '--place', 'usb:1-1', '--backup', file('mine.bin'), '--sim', file('after.json')],
    );
    expect(byPlace.events.at(-1)).toMatchObject({ type: 'report', port: '1-1', backupId: id });
    await writeFile(file('foreign.bin'), formerContents(flashBytes));
    expect((await restore('1-1', file('foreign.bin'))).events.at(-1)).toMatchObject({
      code: 'backup/not-confirmed',
      state: 'untouched',
    });
    const named = await restore('1-1', file('foreign.bin'), '--confirm-board', 'foreign.bin');
    expect(named.events.at(-1)).toMatchObject({ type: 'report', outcome: 'restored', uid });
    expect(named.events.filter(({ type }) => type === 'note').length).toBeGreaterThan(0);
  });

  it('asks for the label of a board whose ROM does not report its UID', async () => {
    const id = await backUp('1-2');
    const refused = await restore('1-2', id);
    expect(refused.exitCode).toBe(3);
    expect(refused.events.at(-1)).toMatchObject({ code: 'backup/not-confirmed', state: 'untouched' });
    // No run was begun, so there is no record of one that was refused.
    const restores = async (): Promise<unknown[]> =>
      (await onData('history', '--virtual')).events.filter(({ kind }) => kind === 'restore');
    const before = await restores();
    await restore('1-2', id);
    expect(await restores()).toEqual(before);
    // Its UID is unknown: Katapult was started and not waited for.
    expect((await restore('1-2', id, '--confirm-board', id)).exitCode).toBe(0);
  });

  it('refuses another chip, another size, damage and what is none, with exit codes for scripts', async () => {
    const id = await backUp('1-1');
    const large = await restore('1-3', id, '--confirm-board', canbusUuid(uid));
    expect([large.exitCode, large.events.at(-1)?.['code']]).toEqual([3, 'backup/wrong-size']);
    const unknown = await restore('1-1', '20200101-000000-0000');
    expect([unknown.exitCode, unknown.events.at(-1)?.['code']]).toEqual([2, 'backup/unknown']);
    const missing = await restore('1-1', file('none.bin'));
    expect([missing.exitCode, missing.events.at(-1)?.['code']]).toEqual([2, 'file/missing']);
    await writeFile(path.join(folder, 'data', 'backups', `${id}.bin`), whole.subarray(0, 1000));
    const damaged = await restore('1-1', id);
    expect([damaged.exitCode, damaged.events.at(-1)?.['code']]).toEqual([3, 'backup/damaged']);
  });
});
