import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { canopus } from './command-line.ts';

const uid = '430014000A50534E4E313120';

let folder: string;
const file = (name: string): string => path.join(folder, name);

/** A board in DFU on 1-1, one in Katapult on 1-2, one that runs a bridge on 1-3; nothing takes time. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-cli-'));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeFile(file('klipper.bin'), makeKlipperImage());
  await writeFile(file('klipper-f407.bin'), makeKlipperImage({ mcu: 'stm32f407xx' }));
  await writeFile(file('klipper-64k.bin'), makeKlipperImage({ applicationAddress: 0x08010000 }));
  await writeFile(file('klipper-usb.bin'), makeKlipperImage({ role: 'none' }));
  await writeFile(file('klipper-pb8.bin'), makeKlipperImage({ pins: ['PB8', 'PB9'] }));
  await writeFile(file('klipper-8mhz.bin'), makeKlipperImage({ crystalHz: 8_000_000 }));
  await writeFile(file('text.bin'), 'not firmware');
  const katapult = { address: '0x08000000', file: 'katapult.bin' };
  const bench = {
    timeScale: 0,
    boards: [
      { id: 'dfu', mcu: 'stm32f446xx', uid, port: '1-1', boot0: true },
      { id: 'katapult', mcu: 'stm32f446xx', uid: '39001B000C51313339373836', port: '1-2', flash: [katapult] },
      {
        id: 'bridge',
        mcu: 'stm32f446xx',
        uid: '37001A001851303439363932',
        port: '1-3',
        flash: [katapult, { address: '0x08008000', file: 'klipper.bin' }],
      },
    ],
  };
  await writeFile(file('bench.json'), JSON.stringify(bench));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const onBench = (...args: string[]): ReturnType<typeof canopus> =>
  canopus(...args, '--sim', file('bench.json'), '--json');

describe('canopus boards', () => {
  it('prints port, mode, chip and UUID of every board', async () => {
    const { events, exitCode } = await onBench('boards');
    expect(exitCode).toBe(0);
    expect(events.filter((event) => event['type'] === 'board')).toMatchObject([
      { port: '1-1', mode: 'dfu', uid: null, canbusUuid: null, vendorId: 0x0483, productId: 0xdf11 },
      {
        port: '1-2',
        mode: 'katapult',
        uid: '39001B000C51313339373836',
        canbusUuid: '44db3d634885',
        mcu: 'stm32f446xx',
        tty: 'sim:1-2',
      },
      { port: '1-3', mode: 'can-bridge', uid: '37001A001851303439363932', canbusUuid: 'a396d68a95a3' },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'report' });
  });
});

describe('canopus inspect', () => {
  it('prints what an image is, whatever its name', async () => {
    await writeFile(file('whatever.txt'), makeKlipperImage());
    const { events } = await canopus('inspect', file('whatever.txt'), '--json');
    expect(events).toMatchObject([
      {
        type: 'report',
        kind: 'klipper',
        mcu: 'stm32f446xx',
        applicationAddress: 0x08008000,
        clockHz: 180_000_000,
        can: { role: 'bridge', pins: ['PD0', 'PD1'] },
        size: makeKlipperImage().length,
      },
    ]);
  });

  it('names the commits of a version that is known not to work on its chip', async () => {
    await writeFile(file('faulty.bin'), makeKlipperImage({ version: 'v0.10.0-531-g3796a319' }));
    const knownFault = { certain: true, from: 'v0.10.0-503-g790ff4d8d', fixedBy: 'v0.10.0-547-g6aec6efcc' };
    const { events } = await canopus('inspect', file('faulty.bin'), '--json');
    expect(events).toMatchObject([{ type: 'report', knownFault }]);
    expect((await canopus('inspect', file('faulty.bin'))).stdout).toContain('klipper/issues/5667');
    await writeFile(file('fine.bin'), makeKlipperImage());
    expect((await canopus('inspect', file('fine.bin'), '--json')).events).toMatchObject([
      { type: 'report', knownFault: null },
    ]);
  });

  it('says what is wrong with a file that is not an image', async () => {
    expect(await canopus('inspect', file('text.bin'), '--json')).toMatchObject({
      exitCode: 3,
      events: [{ type: 'error', code: 'image/not-an-image' }],
    });
    expect(await canopus('inspect', file('missing.bin'), '--json')).toMatchObject({
      exitCode: 2,
      events: [{ type: 'error', code: 'image/unreadable', details: { reason: 'ENOENT' } }],
    });
    expect(await canopus('inspect', folder, '--json')).toMatchObject({
      exitCode: 2,
      events: [{ type: 'error', code: 'image/unreadable', details: { reason: 'EISDIR' } }],
    });
  });
});

describe('canopus install-katapult', () => {
  it('saves the old flash, installs and reports', async () => {
    const args = ['install-katapult', '--port', '1-1', '--image', file('katapult.bin')];
    const { events, exitCode } = await onBench(...args, '--backup', file('backup.bin'));
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'report', port: '1-1', bytesVerified: 5148 });
    expect(await readFile(file('backup.bin'))).toHaveLength(512 * 1024);
  });

  it('takes the only board in DFU where no port is named', async () => {
    const { events, exitCode } = await onBench('install-katapult', '--image', file('katapult.bin'));
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'report', port: '1-1' });
  });

  it('asks for the port where several boards are in DFU, and writes to none', async () => {
    const boards = ['1-1', '1-4'].map((port) => ({ id: port, mcu: 'stm32f446xx', uid, port, boot0: true }));
    await writeFile(file('two.json'), JSON.stringify({ timeScale: 0, boards }));
    const two = ['--sim', file('two.json'), '--json'];
    const { events, exitCode } = await canopus('install-katapult', '--image', file('katapult.bin'), ...two);
    expect(exitCode).toBe(2);
    expect(events.at(-1)).toMatchObject({
      ...{ type: 'error', code: 'device/ambiguous', state: 'untouched' },
      details: { ports: ['1-1', '1-4'] },
    });
  });

  it('does not erase anything where the backup cannot be written', async () => {
    const args = ['install-katapult', '--port', '1-1', '--image', file('katapult.bin')];
    const { events } = await onBench(...args, '--backup', file('no-such-folder/backup.bin'));
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'file/missing' });
    expect(events.some((event) => event['phase'] === 'erase')).toBe(false);
    expect((await readdir(folder)).filter((name) => name.includes('canopus-tmp'))).toEqual([]);
  });

  it('refuses Klipper there, a board in another mode, and an empty port', async () => {
    const install = (port: string, image: string): ReturnType<typeof canopus> =>
      onBench('install-katapult', '--port', port, '--image', file(image));
    expect(await install('1-1', 'klipper.bin')).toMatchObject({ exitCode: 3 });
    expect((await install('1-1', 'klipper.bin')).events.at(-1)).toMatchObject({ code: 'image/wrong-kind' });
    expect((await install('1-2', 'katapult.bin')).events.at(-1)).toMatchObject({ code: 'device/wrong-mode' });
    expect(await install('1-7', 'katapult.bin')).toMatchObject({ exitCode: 4 });
  });
});

describe('a board that may not be opened', () => {
  it.each([
    ['install-katapult', '1-1', 'katapult.bin', 'link/access'],
    ['install-klipper', '1-2', 'klipper.bin', 'link/busy'],
  ])('%s says so, and that nothing was changed', async (command, port, image, code) => {
    const bench = JSON.parse(await readFile(file('bench.json'), 'utf8')) as { boards: object[] };
    const boards = bench.boards.map((board) => ({ ...board, faults: [{ kind: 'access', code }] }));
    await writeFile(file('refused.json'), JSON.stringify({ ...bench, boards }));
    const args = [command, '--port', port, '--image', file(image), '--sim', file('refused.json'), '--json'];
    const { events, exitCode } = await canopus(...args);
    expect(events.at(-1)).toMatchObject({ type: 'error', code, state: 'untouched' });
    expect(exitCode).toBe(5);
  });
});

describe('canopus katapult-status', () => {
  it('finds the serial port of a board that takes its time to come up', async () => {
    const flash = [{ address: '0x08000000', file: 'katapult.bin' }];
    const boards = [{ id: 'a', mcu: 'stm32f446xx', uid, port: '1-1', flash }];
    await writeFile(file('slow-bench.json'), JSON.stringify({ timeScale: 1, boards }));
    const slow = ['--port', '1-1', '--sim', file('slow-bench.json'), '--json'];
    const { events, exitCode } = await canopus('katapult-status', ...slow);
    expect(events.at(-1)).toMatchObject({ type: 'report', mcu: 'stm32f446xx' });
    expect(exitCode).toBe(0);
  });

  it('prints what Katapult reports about itself', async () => {
    const { events } = await onBench('katapult-status', '--port', '1-2');
    expect(events).toMatchObject([
      { type: 'report', mcu: 'stm32f446xx', applicationAddress: 0x08008000, blockSize: 64 },
    ]);
  });
});

describe('canopus install-klipper', () => {
  it('writes, reads back, starts and sees the bridge', async () => {
    const { events, exitCode } = await onBench(
      'install-klipper',
      '--port',
      '1-2',
      '--image',
      file('klipper.bin'),
    );
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({
      ...{ type: 'report', bytesVerified: makeKlipperImage().length },
      seen: 'can-bridge',
    });
  });

  it.each([
    ['klipper-f407.bin', 'image/wrong-mcu'],
    ['klipper-64k.bin', 'image/wrong-address'],
    ['klipper-usb.bin', 'image/not-a-bridge'],
    ['klipper-pb8.bin', 'image/wrong-pins'],
    ['klipper-8mhz.bin', 'image/wrong-crystal'],
    ['katapult.bin', 'image/wrong-kind'],
    ['text.bin', 'image/not-an-image'],
  ])('refuses %s with %s before anything is erased', async (image, code) => {
    const args = ['install-klipper', '--port', '1-2', '--preset', 'btt-octopus:f446', '--image', file(image)];
    const { events, exitCode } = await onBench(...args);
    expect(exitCode).toBe(3);
    expect(events.at(-1)).toMatchObject({ type: 'error', code });
    expect(events.some((event) => event['phase'] === 'write')).toBe(false);
  });
});

describe('canopus flash', () => {
  const images = (): string[] => ['--katapult', file('katapult.bin'), '--klipper', file('klipper.bin')];

  it('looks for the board before it fetches or builds anything for it', async () => {
    const sources = ['--katapult', 'build:/no/such/folder', '--klipper', 'build:/no/such/folder'];
    const onPort = (...port: string[]) =>
      onBench('flash', ...port, '--preset', 'btt-octopus:f446', ...sources);
    const empty = await onPort('--port', '1-7');
    expect(empty).toMatchObject({ exitCode: 4, events: [{ code: 'device/not-found', state: 'untouched' }] });
    expect((await onPort()).events.at(-1)).toMatchObject({ code: 'device/ambiguous' });
  });

  it('updates a running bridge without a hand on the board', async () => {
    const { events, exitCode } = await onBench(
      'flash',
      '--port',
      '1-3',
      '--preset',
      'btt-octopus',
      ...images(),
    );
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({
      type: 'report',
      canbusUuid: 'a396d68a95a3',
      written: { bootloader: null },
    });
  });

  it('ends with usage where something is missing or unknown', async () => {
    expect(await onBench('flash', '--port', '1-3', '--preset', 'btt-octopuss', ...images())).toMatchObject({
      exitCode: 2,
      events: [{ code: 'preset/unknown' }],
    });
  });

  it('sends a node to its two steps before it looks for a board', async () => {
    const { events, exitCode } = await onBench(
      ...['flash', '--port', '1-1', '--preset', 'btt-sb2209:g0b1'],
      ...['--katapult', file('katapult.bin'), '--klipper', file('klipper.bin')],
    );
    expect(exitCode).not.toBe(0);
    expect(events.at(-1)).toMatchObject({ code: 'preset/node-in-two-steps', state: 'untouched' });
  });

  it('wants the hazards of a board confirmed before it does anything', async () => {
    const args = ['flash', '--port', '1-1', '--preset', 'btt-octopus-pro-1.0:f446', '--wait', '1'];
    expect(await onBench(...args, ...images())).toMatchObject({
      exitCode: 3,
      events: [{ code: 'preset/hazards-not-confirmed', state: 'untouched' }],
    });
    const { events } = await onBench(...args, ...images(), '--confirm-hazards');
    expect(events[0]).toMatchObject({ type: 'note', text: expect.stringMatching(/Stated for/) as string });
    expect(events.at(-1)).not.toMatchObject({ code: 'preset/hazards-not-confirmed' });
    const install = ['install-katapult', '--port', '1-1', '--preset', 'mks-monster8'];
    expect(await onBench(...install, '--image', file('katapult.bin'))).toMatchObject({
      exitCode: 3,
      events: [{ code: 'preset/hazards-not-confirmed' }],
    });
  });

  it.each([
    ['a variant behind a slash', 'octopus/f446', 'preset/unknown', /--preset octopus:f446/],
    ['a name that several boards have', 'spider', 'preset/ambiguous', /fysetc-spider-1.*fysetc-spider-3/],
  ])('says what to write for %s', async (_what, preset, code, next) => {
    const args = ['flash', '--port', '1-1', '--preset', preset, ...images()];
    expect(await onBench(...args)).toMatchObject({
      exitCode: 2,
      events: [{ code, next: expect.stringMatching(next) as string }],
    });
  });

  it('names a jumper that stays on', async () => {
    const args = ['flash', '--port', '1-1', '--preset', 'btt-octopus', '--wait', '1'];
    const { events, exitCode } = await onBench(...args, ...images());
    expect(exitCode).toBe(4);
    expect(events.at(-1)).toMatchObject({ code: 'device/still-in-dfu', state: 'katapult-verified' });
    expect(events.filter((event) => event['type'] === 'ask')).toMatchObject([{ ask: 'remove-jumper' }]);
  });
});

describe('canopus presets and uuid', () => {
  it('list the boards and compute a UUID', async () => {
    const { events } = await canopus('presets', '--json');
    expect(JSON.stringify(events)).toContain('mks-monster8');
    const { stdout } = await canopus('presets');
    expect(stdout).toMatch(/^ {2}btt-octopus:f446 +STM32F446ZET6, 12 MHz, 512 KiB$/m);
    expect(stdout).toMatch(/Warning: .* Stated for v2\.$/m);
    expect(stdout).toContain('--preset btt-octopus:f446');
    expect((await canopus('uuid', uid)).stdout).toBe('6beb0175188a\n');
    expect(await canopus('uuid', '1234', '--json')).toMatchObject({
      exitCode: 2,
      events: [{ code: 'uid/invalid' }],
    });
  });
});
