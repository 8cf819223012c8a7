import { describe, expect, it } from 'vitest';
import type { CanopusError } from '../../../app/errors.ts';
import { isCanopusError } from '../../../app/errors.ts';
import type { InstallOptions } from '../../../app/flash/dfu-install.ts';
import type { InstallReport } from '../../../app/flash/flash-event.ts';
import { installWithDfu } from '../../../app/flash/dfu-install.ts';
import { JumpingClock, ScriptedLink, stringLine } from './dfu-scripted-link.ts';

/** As in test/fixtures/dfuse: 20 bytes that begin with two boot words. */
const image = Uint8Array.of(0, 0, 2, 0x20, 0x41, 1, 0, 8, ...Array.from({ length: 12 }, (_, n) => 0x10 + n));

const flashString =
  '70 03 40 00 49 00 6e 00 74 00 65 00 72 00 6e 00 61 00 6c 00 20 00 46 00 6c 00 61 00 73 00 68 00 20 00 20 00 2f 00 30 00 ' +
  '78 00 30 00 38 00 30 00 30 00 30 00 30 00 30 00 30 00 2f 00 30 00 34 00 2a 00 30 00 31 00 36 00 4b 00 67 00 2c 00 30 00 ' +
  '31 00 2a 00 30 00 36 00 34 00 4b 00 67 00 2c 00 30 00 33 00 2a 00 31 00 32 00 38 00 4b 00 67 00';

const getStatus = 'a1 03 0000 0000 0006 <-';
const idle = `${getStatus} 00 00 00 00 02 00`;
const downloadIdle = `${getStatus} 00 00 00 00 05 00`;
const abort = '21 06 0000 0000 0000 ->';
const busy = (ms: string) => `${getStatus} 00 ${ms} 00 00 04 00`;

/** A ROM that was used since its reset. */
const open = [
  `80 06 0304 0409 00ff <- ${flashString}`,
  '01 0b 0000 0000 0000 ->',
  'a1 05 0000 0000 0001 <- 02',
  idle,
];
/** A fresh ROM: its address pointer is where ST says it begins. */
const openFresh = [
  ...open.slice(0, 2),
  'a1 05 0000 0000 0001 <- 0a',
  `${getStatus} 0a 00 00 00 0a 00`,
  '21 04 0000 0000 0000 ->',
  idle,
];
const look = ['a1 02 0012 0000 0800 <- 00*2048', abort];
/** What the other memories are called; the scripted device has no serial number. */
const describeChip = [
  stringLine(5, '@Option Bytes  /0x1FFFC000/01*016 e'),
  stringLine(6, '@OTP Memory /0x1FFF7800/01*512 e,01*016 e'),
  '80 06 0307 0409 00ff <- link/stall',
];
const begin = [...openFresh, ...describeChip, ...look];
const eraseKatapult = ['21 01 0000 0000 0005 -> 41 00 00 00 08', busy('64'), downloadIdle];
const eraseApplication = ['21 01 0000 0000 0005 -> 41 00 80 00 08', busy('64'), downloadIdle];
const setAddress = ['21 01 0000 0000 0005 -> 21 00 00 00 08', busy('68'), downloadIdle];
const bodyOut = '21 01 0002 0000 0800 -> ff ff ff ff ff ff ff ff 10 11 12 13 14 15 16 17 18 19 1a 1b ff*2028';
const write = [bodyOut, busy('68'), downloadIdle];
/** UPLOADs of erased flash, from one block to another. */
const blank = (first: number, last: number): string[] =>
  Array.from(
    { length: last - first + 1 },
    (_, n) => `a1 02 00${(first + n).toString(16).padStart(2, '0')} 0000 0800 <- ff*2048`,
  );
const verifyImage = [
  abort,
  'a1 02 0002 0000 0800 <- ff ff ff ff ff ff ff ff 10 11 12 13 14 15 16 17 18 19 1a 1b ff*2028',
  // The rest of the image's sector.
  ...blank(3, 9),
];
/** All that was erased: the application's sector too. */
const verify = [...verifyImage, ...blank(0x12, 0x19), abort];
const writeBootWords = ['21 01 0002 0000 0008 -> 00 00 02 20 41 01 00 08', busy('68'), downloadIdle];
const verifyBootWords = [
  abort,
  'a1 02 0002 0000 0800 <- 00 00 02 20 41 01 00 08 10 11 12 13 14 15 16 17 18 19 1a 1b ff*2028',
  abort,
];
const leave = ['21 01 0002 0000 0000 ->', `${getStatus} 00 00 00 00 07 00`];

interface Outcome {
  readonly report: InstallReport | null;
  readonly error: CanopusError | null;
  readonly clock: JumpingClock;
  readonly link: ScriptedLink;
}

async function follow(script: readonly string[], options: Partial<InstallOptions> = {}): Promise<Outcome> {
  const link = new ScriptedLink(script);
  const clock = new JumpingClock();
  const run = installWithDfu(link, image, {
    clock,
    applicationAddress: 0x08008000,
    readUid: false,
    checkTarget: () => [],
    ...options,
  });
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) return { report: step.value, error: null, clock, link };
    }
  } catch (error) {
    if (!isCanopusError(error)) throw error;
    return { report: null, error, clock, link };
  }
}

describe('an install on the wire', () => {
  it('is these bytes and no others', async () => {
    const script = [
      ...begin,
      ...eraseKatapult,
      ...eraseApplication,
      ...setAddress,
      ...write,
      ...verify,
      ...writeBootWords,
      ...verifyBootWords,
      ...leave,
    ];
    const { report, error, link, clock } = await follow(script);
    expect(error).toBe(null);
    expect(report?.outcome).toBe('installed');
    expect(link.left).toEqual([]);
    expect(clock.waitsMs).toEqual([100, 100, 104, 104, 104]);
  });

  it('does not look at the application of a ROM whose address pointer may be anywhere', async () => {
    const { error, link } = await follow([...open, ...describeChip, `${eraseKatapult[0]} link/gone`]);
    expect(error).toMatchObject({ code: 'link/gone', state: 'untouched' });
    expect(link.left).toEqual([]);
  });

  it('erases no application sector that is erased, once it has read all of it', async () => {
    const erased = ['a1 02 0012 0000 0800 <- ff*2048', abort];
    const script = [
      ...[...openFresh, ...describeChip, ...erased, ...eraseKatapult, ...setAddress, ...write],
      ...verify,
      ...[...writeBootWords, ...verifyBootWords, ...leave],
    ];
    const { report, link } = await follow(script);
    expect(report).toMatchObject({ outcome: 'installed', sectorsErased: 1 });
    expect(link.left).toEqual([]);
  });

  it('erases an application sector after all that only looked erased, and points back for the boot words', async () => {
    const erased = ['a1 02 0012 0000 0800 <- ff*2048', abort];
    const notAll = ['a1 02 0012 0000 0800 <- ff*2048', 'a1 02 0013 0000 0800 <- 00*2048', abort];
    const script = [
      ...[...openFresh, ...describeChip, ...erased, ...eraseKatapult, ...setAddress, ...write],
      ...[...verifyImage, ...notAll, ...eraseApplication],
      '21 01 0000 0000 0005 -> 21 00 80 00 08',
      ...[busy('68'), downloadIdle, abort, ...blank(2, 9), abort, ...setAddress],
      ...[...writeBootWords, ...verifyBootWords, ...leave],
    ];
    const { report, link } = await follow(script);
    expect(report).toMatchObject({ outcome: 'installed', sectorsErased: 2 });
    expect(link.left).toEqual([]);
  });

  it.each(['link/gone', 'link/io', 'link/timeout'])(
    'ends as %s at whichever transfer that strikes',
    async (code) => {
      const erases = [...eraseKatapult, ...eraseApplication];
      const before = begin;
      const between = [...erases, ...setAddress, ...write, ...verify, ...writeBootWords, ...verifyBootWords];
      const script = [...before, ...between, ...leave];
      // The first erase starts with its GETSTATUS; everything is proven by the last UPLOAD; the last GETSTATUS may fail.
      const begun = before.length + 1;
      const proven = before.length + between.length - 1;
      for (let at = 0; at < script.length - 1; at++) {
        // An I/O error on the name of one memory is no reason to give up: another one may be the flash, and a fact that
        // a name does not state stays unknown.
        if (code === 'link/io' && script[at]?.startsWith('80 06 03')) continue;
        const [request = ''] = (script[at] ?? '').split(/ <-/);
        const struck = script[at]?.includes('<-') ? `${request} <- ${code}` : `${request} ${code}`;
        const { error } = await follow([...script.slice(0, at), struck, 'a1 05 0000 0000 0001 <- link/gone']);
        const state = at < begun ? 'untouched' : at < proven ? 'dfu-partial' : 'dfu-written';
        expect({ at, code: error?.code, state: error?.state }).toEqual({ at, code, state });
      }
    },
  );

  it('asks for the UID in between, with its own set-address', async () => {
    const uid = [
      '21 01 0000 0000 0005 -> 21 10 7a ff 1f',
      busy('68'),
      downloadIdle,
      abort,
      'a1 02 0002 0000 000c <- 43 00 14 00 0a 50 53 4e 4e 31 31 20',
      abort,
      // The flash size register is behind it.
      'a1 02 0002 0000 0014 <- 43 00 14 00 0a 50 53 4e 4e 31 31 20 ff*6 00 02',
      abort,
    ];
    const script = [...begin, ...uid, ...eraseKatapult, ...eraseApplication, ...setAddress, ...write];
    const { link, error } = await follow([...script, `${abort} link/gone`], { readUid: true });
    expect(error).toMatchObject({ code: 'link/gone', state: 'dfu-partial' });
    // The clean-up asks once more and gets no reply.
    expect(link.left).toEqual([]);
  });

  it('waits as long as the device asks, and gives the request that starts an erase time for it', async () => {
    const slow = ['21 01 0000 0000 0005 -> 41 00 00 00 08', `${getStatus} 00 20 4e 00 04 00`, downloadIdle];
    const { clock, link } = await follow([
      ...begin,
      ...slow,
      '21 01 0000 0000 0005 -> 41 00 80 00 08 link/gone',
    ]);
    expect(clock.waitsMs).toEqual([20_000]);
    const [start = 0, end = 0] = link.timeoutsMs.slice(-4, -2);
    expect(start).toBeGreaterThanOrEqual(40_000);
    expect(end).toBeGreaterThanOrEqual(40_000);
  });

  it('does not hurry a device that is busy without saying for how long', async () => {
    const impatient = [
      '21 01 0000 0000 0005 -> 41 00 00 00 08',
      ...Array.from({ length: 400 }, () => busy('00')),
    ];
    const { clock, error } = await follow([...begin, ...impatient, 'a1 05 0000 0000 0001 <- link/gone']);
    expect(error).toMatchObject({ code: 'dfu/stuck-busy', state: 'dfu-partial' });
    expect(clock.waitsMs.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
    expect(clock.waitsMs.length).toBeLessThan(100);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(40_000);
  });

  it('takes a wait of hours for garbage', async () => {
    const absurd = [
      '21 01 0000 0000 0005 -> 41 00 00 00 08',
      `${getStatus} 00 ff ff ff 04 00`,
      'a1 05 0000 0000 0001 <- link/gone',
    ];
    const { error, clock } = await follow([...begin, ...absurd]);
    expect(error).toMatchObject({ code: 'link/protocol', state: 'dfu-partial' });
    expect(clock.waitsMs).toEqual([]);
  });

  it('asks once more where the device is done but has not said so', async () => {
    const sync = [
      '21 01 0000 0000 0005 -> 41 00 00 00 08',
      busy('64'),
      `${getStatus} 00 00 00 00 03 00`,
      downloadIdle,
    ];
    const { error, link } = await follow([
      ...begin,
      ...sync,
      '21 01 0000 0000 0005 -> 41 00 80 00 08 link/gone',
    ]);
    expect(error?.code).toBe('link/gone');
    expect(link.left).toEqual([]);
  });
});

describe('a refused DNLOAD on the wire', () => {
  const eraseStalls = '21 01 0000 0000 0005 -> 41 00 00 00 08 link/stall';

  it('is explained by the status of the device', async () => {
    const script = [eraseStalls, `${getStatus} 08 00 00 00 0a 00`, 'a1 05 0000 0000 0001 <- 0a'];
    const clean = [`${getStatus} 08 00 00 00 0a 00`, '21 04 0000 0000 0000 ->', idle];
    const { error, link } = await follow([...begin, ...script, ...clean]);
    expect(error).toMatchObject({ code: 'dfu/device-error', state: 'untouched' });
    expect(error?.details).toMatchObject({
      bStatus: 'errADDRESS',
      operation: 'erase',
      address: '0x08000000',
    });
    expect(link.left).toEqual([]);
  });

  it.each([
    ['01', 'errTARGET'],
    ['02', 'errFILE'],
    ['08', 'errADDRESS'],
    ['0f', 'errSTALLEDPKT'],
  ])('leaves the board untouched where the ROM says that it erased nothing (%s)', async (byte, bStatus) => {
    const refused = `${getStatus} ${byte} 00 00 00 0a 00`;
    const script = [eraseKatapult[0]!, busy('64'), refused, 'a1 05 0000 0000 0001 <- link/gone'];
    const { error } = await follow([...begin, ...script]);
    expect(error).toMatchObject({ state: 'untouched', details: { bStatus } });
  });

  it('leaves it partly erased where that was the second erase, or the status does not go with the state', async () => {
    const refused = `${getStatus} 01 00 00 00 0a 00`;
    const second = [...eraseKatapult, eraseApplication[0]!, busy('64'), refused];
    const garbled = [eraseKatapult[0]!, busy('64'), `${getStatus} 01 00 00 00 05 00`];
    for (const script of [second, garbled]) {
      const { error } = await follow([...begin, ...script, 'a1 05 0000 0000 0001 <- link/gone']);
      expect(error).toMatchObject({ code: 'dfu/device-error', state: 'dfu-partial' });
    }
  });

  it.each(['03', '04', '05', '06', '07', '0e'])(
    'leaves it partly erased where the ROM failed at it (%s)',
    async (byte) => {
      const failed = `${getStatus} ${byte} 00 00 00 0a 00`;
      const script = [eraseKatapult[0]!, busy('64'), failed, 'a1 05 0000 0000 0001 <- link/gone'];
      const { error } = await follow([...begin, ...script]);
      expect(error).toMatchObject({ state: 'dfu-partial' });
    },
  );

  it('stays a stall where the device has no reason', async () => {
    const script = [eraseStalls, idle, 'a1 05 0000 0000 0001 <- 02', idle];
    const { error, link } = await follow([...begin, ...script]);
    expect(error).toMatchObject({ code: 'link/stall', state: 'untouched' });
    expect(error?.message).toContain('0x08000000');
    expect(link.left).toEqual([]);
  });

  it('is an unplug where the device is gone when it is asked', async () => {
    const script = [eraseStalls, `${getStatus} link/gone`, 'a1 05 0000 0000 0001 <- link/gone'];
    const { error } = await follow([...begin, ...script]);
    expect(error).toMatchObject({ code: 'link/gone', state: 'untouched' });
  });

  it('is read protection where the device says errVENDOR and let nothing be read', async () => {
    const vendor = `${getStatus} 0b 00 00 00 0a 00`;
    const clear = ['a1 05 0000 0000 0001 <- 0a', vendor, '21 04 0000 0000 0000 ->', idle];
    const refusedLook = ['a1 02 0012 0000 0800 <- link/stall', vendor, ...clear];
    const refusedErase = ['21 01 0000 0000 0005 -> 41 00 00 00 08', busy('64'), vendor, ...clear];
    const { error, link } = await follow([...openFresh, ...describeChip, ...refusedLook, ...refusedErase]);
    expect(error).toMatchObject({ code: 'dfu/read-protected', state: 'untouched' });
    expect(link.left).toEqual([]);
  });

  it('is read protection also where nothing was read before', async () => {
    const vendor = `${getStatus} 0b 00 00 00 0a 00`;
    const script = ['21 01 0000 0000 0005 -> 41 00 00 00 08', busy('64'), vendor];
    const { error } = await follow([
      ...open,
      ...describeChip,
      ...script,
      'a1 05 0000 0000 0001 <- link/gone',
    ]);
    expect(error).toMatchObject({ code: 'dfu/read-protected', state: 'untouched' });
  });

  it('is not read protection if flash could be read before', async () => {
    const script = ['21 01 0000 0000 0005 -> 41 00 00 00 08', busy('64'), `${getStatus} 0b 00 00 00 0a 00`];
    const { error } = await follow([...begin, ...script, 'a1 05 0000 0000 0001 <- link/gone']);
    expect(error).toMatchObject({ code: 'dfu/erase-failed', state: 'dfu-partial' });
    expect(error?.details).toMatchObject({ bStatus: 'errVENDOR' });
  });
});

describe('reading on the wire', () => {
  it('refuses fewer bytes than it asked for', async () => {
    const shortRead = [abort, 'a1 02 0002 0000 0800 <- ff*64', abort];
    const script = [...begin, ...eraseKatapult, ...eraseApplication, ...setAddress, ...write, ...shortRead];
    const { error, link } = await follow(script);
    expect(error).toMatchObject({ code: 'link/protocol', state: 'dfu-partial' });
    expect(error?.details).toMatchObject({ length: 2048, received: 64 });
    expect(link.left).toEqual([]);
  });
});

describe('leaving on the wire', () => {
  const before = [
    ...begin,
    ...eraseKatapult,
    ...eraseApplication,
    ...setAddress,
    ...write,
    ...verify,
    ...writeBootWords,
    ...verifyBootWords,
  ];
  const zero = '21 01 0002 0000 0000 ->';

  it.each(['link/gone', 'link/io', 'link/stall', 'link/timeout'])(
    'is done when GETSTATUS ends as %s',
    async (code) => {
      const { report } = await follow([...before, zero, `${getStatus} ${code}`]);
      expect(report?.outcome).toBe('installed');
    },
  );

  it('fails with everything written where the device does not go', async () => {
    const clean = ['a1 05 0000 0000 0001 <- 02', idle];
    for (const status of ['00 00 00 00 02 00', '0e 00 00 00 0a 00']) {
      const { error } = await follow([...before, zero, `${getStatus} ${status}`, ...clean]);
      expect(error).toMatchObject({ code: 'dfu/device-error', state: 'dfu-written' });
    }
  });

  it('fails with everything written where the device is gone before it was asked to go', async () => {
    const { error } = await follow([...before, `${zero} link/gone`, 'a1 05 0000 0000 0001 <- link/gone']);
    expect(error).toMatchObject({ code: 'link/gone', state: 'dfu-written' });
  });
});
