import { describe, expect, it } from 'vitest';
import { openDfu } from '../../../app/flash/dfu-open.ts';
import { pause } from '../../../app/flash/dfu-perform.ts';
import { readMemory } from '../../../app/flash/dfu-read.ts';
import { JumpingClock, romConfiguration, ScriptedLink, stringLine } from './dfu-scripted-link.ts';

const getStatus = 'a1 03 0000 0000 0006 <-';
const idle = `${getStatus} 00 00 00 00 02 00`;
const abort = '21 06 0000 0000 0000 ->';
const clrStatus = '21 04 0000 0000 0000 ->';
const getState = 'a1 05 0000 0000 0001 <-';

const flash = stringLine(4, '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg');
const select = (alternate: number) => `01 0b ${alternate.toString(16).padStart(4, '0')} 0000 0000 ->`;
const opened = [flash, select(0)];

async function openWith(script: readonly string[], configuration: Uint8Array = romConfiguration) {
  const link = new ScriptedLink(script, configuration);
  const clock = new JumpingClock();
  const session = await openDfu(link, { clock });
  expect(link.left).toEqual([]);
  return { session, clock, link };
}

describe('opening a ROM bootloader', () => {
  it('takes four transfers for one that is idle', async () => {
    const { session, link } = await openWith([...opened, `${getState} 02`, idle]);
    expect(link.timeoutsMs).toHaveLength(4);
    expect(session.transferSize).toBe(2048);
    expect(session.layout.segments).toHaveLength(3);
  });

  it('takes the broken string of the F429 as far as it goes', async () => {
    const text = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg';
    const { session } = await openWith([stringLine(4, text, 166), select(0), `${getState} 02`, idle]);
    expect(session.layout).toMatchObject({ name: 'Internal Flash', complete: true });
  });

  it('takes garbage behind the layout for no part of it', async () => {
    const text = '@Internal Flash  /0x08000000/04*016Kg,01*064Kg\u0b00\uffff';
    const { session } = await openWith([stringLine(4, text, 166), select(0), `${getState} 02`, idle]);
    expect(session.layout.complete).toBe(false);
    expect(session.layout.segments).toHaveLength(2);
  });

  it('finds the flash behind other memories, and behind strings that are refused', async () => {
    const { session } = await openWith([
      stringLine(4, '@Option Bytes  /0x1FFFC000/01*016 e'),
      '80 06 0305 0409 00ff <- link/stall',
      stringLine(6, '@Internal Flash  /0x08000000/04*016Kg'),
      select(2),
      `${getState} 02`,
      idle,
    ]);
    expect(session.layout.name).toBe('Internal Flash');
  });

  it('uses the transfer size that the device states', async () => {
    const configuration = romConfiguration.slice();
    configuration.set([0x00, 0x04], configuration.length - 4);
    const { session } = await openWith([...opened, `${getState} 02`, idle], configuration);
    expect(session.transferSize).toBe(1024);
  });

  it('refuses what has no interface in DFU mode', async () => {
    const runtime = romConfiguration.map((byte, index) => (byte === 2 && index % 9 === 7 ? 1 : byte));
    const link = new ScriptedLink([], runtime);
    await expect(openDfu(link, { clock: new JumpingClock() })).rejects.toMatchObject({
      code: 'dfu/no-dfu-interface',
    });
  });

  it('refuses what describes no flash that can be erased and written, and says what it describes', async () => {
    const script = [
      stringLine(4, '@Internal Flash  /0x08000000/04*016Ka'),
      stringLine(5, 'Flash'),
      stringLine(6, ''),
      '80 06 0307 0409 00ff <- 02',
    ];
    const link = new ScriptedLink(script);
    await expect(openDfu(link, { clock: new JumpingClock() })).rejects.toMatchObject({
      code: 'dfu/bad-layout',
      details: { memories: ['@Internal Flash  /0x08000000/04*016Ka', 'Flash', ''] },
    });
    expect(link.left).toEqual([]);
  });

  it('refuses an unreadable part, before it asks anything', async () => {
    const writeOnly = romConfiguration.slice();
    writeOnly[writeOnly.length - 7] = 0x09;
    const link = new ScriptedLink([], writeOnly);
    await expect(openDfu(link, { clock: new JumpingClock() })).rejects.toMatchObject({
      code: 'dfu/bad-layout',
    });
  });
});

describe('bringing a device to dfuIDLE', () => {
  it.each([
    ['dfuERROR', ['0a', '0a 00 00 00 0a 00'], clrStatus],
    ['dfuDNLOAD-IDLE', ['05', '00 00 00 00 05 00'], abort],
    ['dfuUPLOAD-IDLE', ['09', '00 00 00 00 09 00'], abort],
  ])('ends %s with one request', async (_, [state = '', status = ''], request) => {
    await openWith([...opened, `${getState} ${state}`, `${getStatus} ${status}`, request, idle]);
  });

  it('forgets what is staged before it asks for the status, which would start it', async () => {
    await openWith([...opened, `${getState} 03`, abort, idle]);
    await openWith([...opened, `${getState} 06`, abort, idle]);
  });

  it('asks for the status where the device knows no GETSTATE', async () => {
    await openWith([...opened, `${getState} link/stall`, idle]);
  });

  it('waits as long as a busy device asks, twice, and then makes it stop', async () => {
    const busy = `${getStatus} 00 e8 03 00 04 00`;
    const { clock } = await openWith([...opened, `${getState} 04`, busy, busy, busy, clrStatus, abort, idle]);
    expect(clock.waitsMs).toEqual([1000, 1000, 1000]);
  });

  it('takes the way out that ST knows: CLRSTATUS to dfuERROR, CLRSTATUS again', async () => {
    const busy = `${getStatus} 00 64 00 00 04 00`;
    const error = `${getStatus} 0e 00 00 00 0a 00`;
    const refused = [`${clrStatus} link/stall`, `${abort} link/stall`];
    await openWith([...opened, `${getState} 04`, busy, busy, busy, ...refused, error, clrStatus, idle]);
  });

  it('gives up on an error that does not clear', async () => {
    const error = `${getStatus} 0e 00 00 00 0a 00`;
    const script = [`${getState} 0a`, ...Array.from({ length: 20 }, () => [error, clrStatus]).flat()];
    const link = new ScriptedLink([...opened, ...script]);
    await expect(openDfu(link, { clock: new JumpingClock() })).rejects.toMatchObject({
      code: 'dfu/device-error',
      details: { bStatus: 'errUNKNOWN' },
    });
    expect(link.left.length).toBeGreaterThan(20);
  });

  it('gives up on a device that stays busy, after its own 40 s', async () => {
    const busy = [`${getStatus} 00 10 27 00 04 00`, clrStatus, abort];
    const patient = [busy[0], busy[0]].map(String);
    const script = [`${getState} 04`, ...patient, ...Array.from({ length: 20 }, () => busy).flat()];
    const link = new ScriptedLink([...opened, ...script]);
    const clock = new JumpingClock();
    await expect(openDfu(link, { clock })).rejects.toMatchObject({ code: 'dfu/stuck-busy' });
    expect(clock.nowMs()).toBe(40_000);
  });

  it('gives up on a device that waits for a reset', async () => {
    const waiting = [`${getStatus} 00 00 00 00 08 00`, clrStatus, abort];
    const script = [`${getState} 08`, ...Array.from({ length: 20 }, () => waiting).flat()];
    const link = new ScriptedLink([...opened, ...script]);
    await expect(openDfu(link, { clock: new JumpingClock() })).rejects.toMatchObject({
      code: 'dfu/stuck-busy',
    });
  });

  it('names a device that runs its application', async () => {
    const link = new ScriptedLink([...opened, `${getState} 00`, `${getStatus} 00 00 00 00 00 00`]);
    await expect(openDfu(link, { clock: new JumpingClock() })).rejects.toMatchObject({
      code: 'device/wrong-mode',
    });
  });

  it('ends at once when it is cancelled', async () => {
    const busy = `${getStatus} 00 e8 03 00 04 00`;
    const link = new ScriptedLink([...opened, `${getState} 04`, busy]);
    const reason = new Error('enough');
    const opening = openDfu(link, { clock: new JumpingClock(), signal: AbortSignal.abort(reason) });
    await expect(opening).rejects.toBe(reason);
  });
});

describe('a session', () => {
  it('reads a stretch with one set-address, and the short end from its own address', async () => {
    const setAddress = (low: string) => [
      `21 01 0000 0000 0005 -> 21 ${low} 08`,
      `${getStatus} 00 68 00 00 04 00`,
      `${getStatus} 00 00 00 00 05 00`,
    ];
    const link = new ScriptedLink([
      ...[...opened, `${getState} 02`, idle],
      ...[...setAddress('00 00 00'), abort],
      'a1 02 0002 0000 0800 <- aa*2048',
      'a1 02 0003 0000 0800 <- bb*2048',
      ...[abort, ...setAddress('00 10 00'), abort],
      'a1 02 0002 0000 000c <- cc cc cc cc cc cc cc cc cc cc cc cc',
    ]);
    const session = await openDfu(link, { clock: new JumpingClock() });
    const pieces: string[] = [];
    for await (const { address, bytes } of readMemory(session, 0x08000000, 4108)) {
      pieces.push(`${address.toString(16)}: ${bytes.length} x ${bytes[0]?.toString(16) ?? ''}`);
    }
    expect(pieces).toEqual(['8000000: 2048 x aa', '8000800: 2048 x bb', '8001000: 12 x cc']);
    expect(link.left).toEqual([]);
  });

  it('reports its status from dfuIDLE', async () => {
    const { session } = await openWith([...opened, `${getState} 02`, idle]);
    expect(session.layout.name).toBe('Internal Flash');
    const link = new ScriptedLink([...opened, `${getState} 02`, idle, idle]);
    const other = await openDfu(link, { clock: new JumpingClock() });
    expect(await other.status()).toMatchObject({ status: 'OK', state: 'dfuIDLE' });
  });
});

describe('a pause', () => {
  it('is never shorter than it says, on a clock whose timers are early', async () => {
    let nowMs = 0;
    const early = {
      nowMs: () => nowMs,
      sleep: (ms: number) => {
        nowMs += ms > 1 ? ms - 0.7 : ms;
        return Promise.resolve();
      },
    };
    await pause(early, 104);
    expect(nowMs).toBeGreaterThanOrEqual(104);
    expect(nowMs).toBeLessThan(105);
  });
});
