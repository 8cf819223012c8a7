import { afterEach, describe, expect, it } from 'vitest';
import { PiSession } from '../../../app/pi/pi-session.ts';
import { systemClock } from '../../../main/system-clock.ts';
import { snapshot } from './change-fixture.ts';
import { canLink, startLoopbackPi, type LoopbackPi, type LoopbackPiOptions } from './loopback-pi.ts';

let pi: LoopbackPi | null = null;
let session: PiSession | null = null;
afterEach(async () => {
  await session?.[Symbol.asyncDispose]();
  await pi?.[Symbol.asyncDispose]();
  pi = session = null;
});

async function open(options: LoopbackPiOptions): Promise<{ pi: LoopbackPi; session: PiSession }> {
  pi = await startLoopbackPi(options);
  session = new PiSession(await pi.connect(), {
    clock: systemClock,
    now: () => new Date(),
    random: Math.random,
  });
  return { pi, session };
}

const klipper = '/home/pi/printer_data/config';

describe('looking at a Pi', () => {
  it.each(['OpenSSH', 'dropbear'] as const)(
    'takes two exchanges over %s, whatever there is to be found, and changes nothing',
    async (sshServer) => {
      const includes = Object.fromEntries(
        Array.from({ length: 40 }, (_, number) => [
          `${klipper}/macros/${number}.cfg`,
          `[gcode_macro M${number}]\ngcode:\n  G28\n`,
        ]),
      );
      const { pi, session } = await open({
        flavour: 'ifupdown',
        sshServer,
        links: [canLink({}), canLink({ name: 'can1', up: false })],
        files: {
          ...includes,
          [`${klipper}/printer.cfg`]: '[include macros/*.cfg]\n[mcu]\nserial: x\n',
          '/etc/network/interfaces.d/can0': 'iface can0 can static\n bitrate 500000\n',
          '/etc/rc.local': '#!/bin/sh\nip link set can0 up\n',
          '/boot/firmware/config.txt': 'dtoverlay=mcp2515-can0\n',
        },
      });
      const before = await snapshot(pi.root);
      const { facts, printers } = await session.look();
      expect(pi.exchanges.count).toBe(2);
      expect(printers[0]?.answer).toMatchObject({
        kind: 'status',
        status: { klippy: 'ready', activity: 'idle' },
      });
      expect([...facts.files.keys()].filter((path) => path.includes('/macros/'))).toHaveLength(40);
      expect(facts.interfaces.map(({ name }) => name)).toEqual(['can0', 'can1']);
      expect(facts.files.has(pi.at('/boot/firmware/config.txt'))).toBe(true);
      expect(facts.files.has(pi.at('/etc/rc.local'))).toBe(true);
      expect(await snapshot(pi.root)).toEqual(before);
      expect(await pi.commands()).toEqual([]);
    },
  );

  it.each<[string, Partial<LoopbackPiOptions>, string]>([
    ['a Moonraker that wants a key', { moonraker: { apiKey: 'secret' } }, 'auth-needed'],
    ['a Moonraker that does not run', { moonraker: null }, 'unreachable'],
    ['no Klipper and no Moonraker', { moonraker: null, klipperRuns: false }, 'not-running'],
  ])('takes three at most with %s', async (_, options, kind) => {
    const { pi, session } = await open({ flavour: 'networkd', ...options });
    expect((await session.look()).printers[0]?.answer.kind).toBe(kind);
    expect(pi.exchanges.count).toBeLessThanOrEqual(3);
  });

  it('asks once for the key that Moonraker wants, again where it was wrong, and goes on with it', async () => {
    pi = await startLoopbackPi({ flavour: 'networkd', moonraker: { apiKey: 'secret' } });
    const asked: number[] = [];
    const host = await pi.connect({
      askKey: ({ attempt }) => {
        asked.push(attempt);
        return Promise.resolve(attempt === 1 ? 'wrong' : 'secret');
      },
    });
    session = new PiSession(host, { clock: systemClock, now: () => new Date(), random: Math.random });
    for (let n = 0; n < 2; n += 1) {
      expect((await session.look()).printers[0]?.answer).toMatchObject({
        kind: 'status',
        status: { klippy: 'ready' },
      });
    }
    expect(asked).toEqual([1, 2]);
  });

  it.each([
    [{ print: 'printing' }, 'printing'],
    [{ print: 'paused' }, 'paused'],
    [{ idle: 'Printing' }, 'moving'],
    [{ klippy: 'error', message: "mcu 'mcu': Unable to connect" }, 'idle'],
    [{ klippy: 'shutdown', message: 'Lost communication with MCU' }, 'idle'],
    [{ klippy: 'disconnected' }, 'idle'],
  ] as const)('reports what the printer does: %j', async (state, activity) => {
    const { session } = await open({ flavour: 'networkd', moonraker: state });
    const [seen] = (await session.look()).printers;
    expect(seen?.answer).toMatchObject({
      kind: 'status',
      status: { activity, ...('klippy' in state ? { klippy: state.klippy } : {}) },
    });
    if ('message' in state) expect(seen?.answer).toMatchObject({ status: { message: state.message } });
  });
});
