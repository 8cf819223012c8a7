import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VirtualPiView } from '../../../app/contract/station-contract.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import type { LoginQuestions } from '../../../main/station/pi/pi-asker.ts';
import { BenchPi } from '../../../main/station/pi/bench-pi.ts';
import { codeOfRejection } from '../../error-code.ts';

let views: VirtualPiView[];
let desk: BenchPi;

beforeEach(() => {
  views = [];
  const bench = new VirtualBench({ boards: [] }, { clock: new VirtualClock() });
  desk = new BenchPi(bench, (view) => views.push(view));
});
afterEach(() => desk[Symbol.dispose]());

/** Trusts the key and knows these keys of Moonraker. */
function person(...keys: readonly string[]): LoginQuestions {
  return {
    trustHostKey: () => Promise.resolve(true),
    password: () => Promise.resolve(null),
    passphrase: () => Promise.resolve(null),
    prompt: () => Promise.resolve(null),
    moonrakerKey: ({ attempt }) => Promise.resolve(keys[attempt - 1] ?? null),
  };
}

describe('the hands at the virtual Pi', () => {
  it('see at once how its printer is', () => {
    expect(views.at(-1)).toEqual({
      ...{ id: 'virtual', reachable: true, klippy: 'startup', printing: false, heating: false, apiKey: null },
    });
  });

  it('cut its network: logins lose it, and none succeeds until it is back', async () => {
    const session = await desk.open(person());
    desk.do('cut-network');
    expect(views.at(-1)).toMatchObject({ reachable: false });
    expect(await codeOfRejection(session.look())).toBe('shell/lost');
    expect(await codeOfRejection(desk.open(person()))).toBe('ssh/unreachable');
    desk.do('mend-network');
    await expect((await desk.open(person())).look()).resolves.toBeDefined();
  });

  it('stop the printer in an emergency: Klipper is shut down until it is started anew', async () => {
    const session = await desk.open(person());
    desk.do('emergency-stop');
    expect(views.at(-1)).toMatchObject({ klippy: 'shutdown', printing: false });
    expect((await session.look()).printers[0]?.answer).toMatchObject({ status: { klippy: 'shutdown' } });
    desk.do('start-print');
    expect(views.at(-1)).toMatchObject({ printing: false });
    desk.do('reboot');
    expect(views.at(-1)).toMatchObject({ klippy: 'startup' });
  });

  it('have Moonraker want a key, which the one that is shown opens', async () => {
    desk.do('want-key');
    const { apiKey } = views.at(-1)!;
    expect((await (await desk.open(person('wrong'))).look()).printers[0]?.answer).toEqual({
      kind: 'auth-needed',
    });
    expect((await (await desk.open(person('wrong', apiKey!))).look()).printers[0]?.answer).toMatchObject({
      kind: 'status',
    });
    desk.do('want-no-key');
    expect((await (await desk.open(person())).look()).printers[0]?.answer).toMatchObject({ kind: 'status' });
  });
});
