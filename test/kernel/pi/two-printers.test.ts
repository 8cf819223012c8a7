import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeRun } from '../../../app/pi/apply.ts';
import type { PiSession } from '../../../app/pi/pi-session.ts';
import { defaultWishes, type PiPlan, type PiWishes } from '../../../app/pi/plan-types.ts';
import type { MoonrakerStandIn } from '../../../main/sim/pi/moonraker-stand-in.ts';
import { bridgeUuid, cacheDir, secondListens, startPiBench, type PiBench } from './pi-bench.ts';
import { preparePi } from './pi-guest.ts';
import { listFiles, logIn } from './pi-login.ts';

const boards = [{ section: 'mcu', canbusUuid: bridgeUuid }];
const wishes: PiWishes = { ...defaultWishes, boards, printer: 'printer' };
const consent = { askPassword: () => Promise.resolve('raspberry'), confirmedIdle: false };

async function follow(run: ChangeRun): Promise<void> {
  while ((await run.next()).done !== true);
}

describe('a real Debian with two printers', () => {
  let folder: string;
  let bench: PiBench;
  let second: MoonrakerStandIn;
  let files: string;
  let session: PiSession;
  let plan: PiPlan;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'canopus-pi-'));
    await preparePi(cacheDir, 'networkd');
    bench = await startPiBench('networkd');
    second = await bench.addPrinter();
    files = await filesNow();
    session = await logIn(bench, folder);
  }, 1_500_000);
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await bench[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const filesNow = (): Promise<string> => bench.guest.must(listFiles, { timeoutMs: 180_000 });
  const told = (): readonly boolean[] =>
    [bench.moonraker, second].map(({ requests }) => requests.some((each) => each.startsWith('POST ')));
  const print = (state: 'printing' | 'standby'): void => {
    second.state = { ...second.state, print: state };
  };

  it('knows both by their units, their folders and their Moonrakers, and wants one of them named', async () => {
    const { facts, printers } = await session.look();
    const known = facts.printers.map(({ name, unit, moonraker }) => [name, unit, moonraker?.port]);
    expect(known.toSorted()).toEqual([
      ['printer', 'klipper.service', 7125],
      ['printer_2', 'klipper-2.service', 7126],
    ]);
    expect(printers.map(({ answer }) => answer.kind)).toEqual(['status', 'status']);
    const unnamed = await session.plan({ ...wishes, printer: null });
    expect(unnamed.blockers).toMatchObject([{ code: 'pi/several-printers' }]);
    plan = await session.plan(wishes);
    expect(plan.blockers).toEqual([]);
  });

  it('changes nothing for one while the other one prints', async () => {
    print('printing');
    await expect(follow(session.apply(plan, consent))).rejects.toMatchObject({
      code: 'pi/printing',
      state: 'pi-untouched',
    });
    print('standby');
    expect(await filesNow()).toBe(files);
    expect(told()).toEqual([false, false]);
  });

  it('sets one up and restarts its Klipper alone', async () => {
    await follow(session.apply(plan, consent));
    expect(await bench.guest.must('cat /home/pi/printer_data/config/board/octopus.cfg')).toContain(
      bridgeUuid,
    );
    expect(await bench.guest.must('cat /home/pi/printer_2_data/config/printer.cfg')).not.toContain('canbus');
    expect(told()).toEqual([true, false]);
  });

  it('undoes that after a reboot, not while the other one prints, and restarts that one', async () => {
    await session[Symbol.asyncDispose]();
    await bench.reboot();
    await bench.guest.must(secondListens, { timeoutMs: 120_000 });
    session = await logIn(bench, folder);
    bench.moonraker.requests.length = 0;
    print('printing');
    await expect(follow(session.undo(null, false, consent))).rejects.toMatchObject({ code: 'pi/printing' });
    expect(told()).toEqual([false, false]);
    print('standby');
    await follow(session.undo(null, false, consent));
    expect(told()).toEqual([true, false]);
    expect(await filesNow()).toBe(files);
  });
});
