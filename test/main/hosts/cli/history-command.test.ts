import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseBoardCode } from '../../../../app/history/board-code.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { rectsOfSvg, scan } from '../../../app/labels/raster.ts';
import { canopus } from './command-line.ts';

const uid = '39001B000C51313339373836';
const canbusUuid = '44db3d634885';

let folder: string;
const file = (name: string): string => path.join(folder, name);
const withData = (...args: string[]) => canopus(...args, '--data', file('data'));

/** A board in Katapult gets Klipper; then another is refused. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-cli-'));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeFile(file('klipper.bin'), makeKlipperImage());
  const bench = {
    timeScale: 0,
    boards: [
      {
        id: 'katapult',
        mcu: 'stm32f446xx',
        uid,
        port: '1-2',
        flash: [{ address: '0x08000000', file: 'katapult.bin' }],
      },
    ],
  };
  await writeFile(file('bench.json'), JSON.stringify(bench));
  const flashed = await withData(
    ...['install-klipper', '--port', '1-2', '--image', file('klipper.bin'), '--sim', file('bench.json')],
    ...['--preset', 'btt-octopus-pro-1.1:f446', '--operator', 'Ada'],
  );
  expect(flashed).toMatchObject({ exitCode: 0, stderr: '' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('canopus history', () => {
  it('lists what other commands did, virtual boards only when asked', async () => {
    expect((await withData('history', '--json')).events).toMatchObject([{ type: 'report', total: 0 }]);
    const { events, exitCode } = await withData('history', '--virtual', '--json');
    expect(exitCode).toBe(0);
    expect(events).toMatchObject([
      {
        type: 'run',
        kind: 'install-klipper',
        status: 'done',
        uid,
        canbusUuid,
        presetId: 'btt-octopus-pro-1.1',
        variantId: 'f446',
        operator: 'Ada',
        images: [{ part: 'application', result: 'verified' }],
      },
      { type: 'report', shown: 1, total: 1 },
    ]);
    expect((await withData('history', '--virtual')).stdout).toContain(uid);
    expect((await withData('history', '--virtual', '--since', '2020-01-01', '--until', '1d')).stdout).toBe(
      'No matching runs.\n',
    );
  });

  it('prints CSV that begins with the names of its columns', async () => {
    const { stdout } = await withData('history', '--all', '--csv');
    expect(stdout).toMatch(/^run,started_at,.*\r\n1,.*\r\n$/);
  });

  it('prints what is known about a board, by any of its names', async () => {
    for (const code of [uid, canbusUuid, `canopus:1?uuid=${canbusUuid}&uid=${uid}`]) {
      const { events } = await withData('history', 'what', code, '--against', 'v99.0', '--json');
      expect(events).toMatchObject([{ type: 'report', uid, canbusUuid, runs: 1 }]);
    }
    const { stdout } = await withData('history', 'what', uid, '--against', 'v99.0');
    expect(stdout).toContain('older than what you asked for');
    expect(await withData('history', 'what', '0'.repeat(24), '--json')).toMatchObject({
      exitCode: 2,
      events: [{ type: 'error', code: 'history/unknown-board' }],
    });
    expect(await withData('history', 'what', 'hello', '--json')).toMatchObject({
      exitCode: 2,
      events: [{ code: 'uid/invalid' }],
    });
  });
});

describe('canopus label', () => {
  it('makes a label that scans back to the record', async () => {
    const { exitCode } = await withData(
      'label',
      '--uid',
      uid,
      '--out',
      file('label.svg'),
      '--paper',
      '40x20',
    );
    expect(exitCode).toBe(0);
    const svg = await readFile(file('label.svg'), 'utf8');
    const scanned = scan(rectsOfSvg(svg), { widthMm: 40, heightMm: 20 });
    expect(parseBoardCode(scanned ?? '')).toEqual({ uid, canbusUuid });
    const { events } = await withData('history', 'what', scanned!, '--json');
    expect(events).toMatchObject([{ uid }]);
  });

  it('makes a PDF, and no other file', async () => {
    const args = ['label', '--uid', uid, '--uid', canbusUuid, '--json', '--out'];
    expect((await withData(...args, file('labels.pdf'))).events).toMatchObject([{ labels: 2, pages: 2 }]);
    expect((await readFile(file('labels.pdf'), 'latin1')).startsWith('%PDF-1.4')).toBe(true);
    for (const name of ['labels.gif', 'labels.svg']) {
      expect(await withData(...args, file(name))).toMatchObject({ exitCode: 2 });
    }
  });
});

describe('canopus report', () => {
  it('writes a page, and none if there is nothing to report', async () => {
    expect(await withData('report', '--out', file('none.html'))).toMatchObject({ exitCode: 2 });
    expect(await withData('report', '--all', '--since', '1h', '--out', file('report.html'))).toMatchObject({
      exitCode: 0,
    });
    expect(await readFile(file('report.html'), 'utf8')).toContain(uid);
  });
});
