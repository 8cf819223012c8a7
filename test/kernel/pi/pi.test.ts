import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeRun } from '../../../app/pi/apply.ts';
import type { PiSession } from '../../../app/pi/pi-session.ts';
import { defaultWishes, type PiPlan, type PiWishes } from '../../../app/pi/plan-types.ts';
import { makePlan } from '../../../app/pi/plan.ts';
import type { ProofEvent, ProveOptions } from '../../../app/pi/proof.ts';
import { bridgeUid, bridgeUuid, cacheDir, startPiBench, type PiBench } from './pi-bench.ts';
import { listFiles, logIn } from './pi-login.ts';
import { preparePi } from './pi-guest.ts';
import type { PiFlavour } from './pi-image.ts';

const wishes: PiWishes = { ...defaultWishes, boards: [{ section: 'mcu', canbusUuid: bridgeUuid }] };
const consent = { askPassword: () => Promise.resolve('raspberry'), confirmedIdle: false };

/** Up with the queue length that is wished, seen without starting a program: the guest is slow. */
const isUp =
  'test -e /sys/class/net/can0/flags && read f < /sys/class/net/can0/flags && read q < /sys/class/net/can0/tx_queue_len && [ $((f & 1)) = 1 ] && [ "$q" = 128 ]';

/** For debugging a failure. */
const tell = 'ip -d -s link show can0; systemctl --no-pager --failed; journalctl -b --no-pager | tail -80';

/** How a file system comes to be unwritable, and how it was before; where each flavour writes first. */
const spoilt = {
  ifupdown: {
    code: 'pi/disk-full',
    spoil:
      'mount -t tmpfs -o size=4k none /etc/network/interfaces.d && head -c 4096 /dev/zero > /etc/network/interfaces.d/ballast',
    restore: 'umount /etc/network/interfaces.d',
  },
  networkd: {
    code: 'pi/read-only',
    spoil:
      'mount --bind /etc/systemd/network /etc/systemd/network && mount -o remount,ro,bind /etc/systemd/network',
    restore: 'umount /etc/systemd/network',
  },
} satisfies Record<PiFlavour, { code: string; spoil: string; restore: string }>;

async function follow(run: ChangeRun): Promise<void> {
  while ((await run.next()).done !== true);
}

const flavours = ['ifupdown', 'networkd'] as const satisfies PiFlavour[];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-pi-'));
  for (const flavour of flavours) await preparePi(cacheDir, flavour);
}, 900_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

// Both at once: each is one processor's work.
describe.concurrent.each(flavours)('a real Debian with %s', (flavour) => {
  describe('set up from outside', { concurrent: false }, () => {
    let bench: PiBench;
    let files: string;
    let session: PiSession;
    let plan: PiPlan;

    beforeAll(async () => {
      bench = await startPiBench(flavour);
      files = await filesNow();
      session = await login();
    }, 600_000);
    afterAll(async () => {
      await session[Symbol.asyncDispose]();
      await bench[Symbol.asyncDispose]();
    });

    function filesNow(): Promise<string> {
      return bench.guest.must(listFiles, { timeoutMs: 180_000 });
    }

    const login = (): Promise<PiSession> => logIn(bench, folder);

    async function proven(reset: ProveOptions['reset']): Promise<readonly ProofEvent[]> {
      const run = session.prove({ ...consent, goal: wishes, reset, timeoutMs: 120_000 });
      for (;;) {
        const next = await run.next();
        if (next.done === true) return next.value.proofs.filter(({ outcome }) => outcome === 'proven');
      }
    }

    /** Up with the wished settings, by its own means, as the kernel reports. */
    async function comesUp(): Promise<void> {
      await bench.guest.until(isUp, 120_000).catch(async (error: unknown) => {
        throw new Error(await bench.guest.must(tell), { cause: error });
      });
      expect(await bench.can0()).toEqual({ up: true, queue: 128, bitrate: 1_000_000 });
    }

    it('is seen as what it is; a plan changes nothing, and a wrong password does nothing', async () => {
      const { facts, printers } = await session.look();
      expect(facts).toMatchObject({
        ...{ user: 'pi', sudo: 'password', gsUsb: 'loaded', hostName: 'canopus-pi' },
        interfaces: [
          {
            ...{ name: 'can0', up: false, txQueueLength: 10, driver: 'gs_usb' },
            usb: { serial: bridgeUid, vendorId: 0x1d50 },
          },
        ],
        printers: [{ configPath: '/home/pi/printer_data/config/printer.cfg', unit: 'klipper.service' }],
      });
      expect(printers[0]?.answer).toMatchObject({ kind: 'status', status: { source: 'moonraker' } });
      plan = makePlan(facts, printers, wishes);
      expect(plan).toMatchObject({ stack: flavour, blockers: [] });

      const attempts: number[] = [];
      const run = session.apply(plan, {
        ...consent,
        askPassword: (attempt) => Promise.resolve(attempts.push(attempt) > 1 ? null : 'wrong'),
      });
      await expect(follow(run)).rejects.toMatchObject({ code: 'pi/sudo-refused', state: 'pi-untouched' });
      expect(attempts).toEqual([1, 2]);
      expect(await filesNow()).toBe(files);
    });

    const { code, spoil, restore } = spoilt[flavour];
    it(`names a file system that cannot be written (${code}), and finishes the change once it can be`, async () => {
      await bench.guest.must(spoil);
      try {
        await expect(follow(session.apply(plan, consent))).rejects.toMatchObject({
          code,
          state: 'pi-partial',
        });
      } finally {
        await bench.guest.must(restore);
      }
      expect(await filesNow()).toBe(files);
      await follow(session.resume(consent));
      await comesUp();
      const config = await bench.guest.must('cat /home/pi/printer_data/config/board/octopus.cfg');
      expect(config).toMatch(
        /^\[mcu\]\r\n#serial: .*\r\ncanbus_uuid: [0-9a-f]{12}\r\n#restart_method: command\r\n$/,
      );
    });

    it('has can0 up again after Klipper reset the bridge', async () => {
      const proofs = await proven('klipper');
      expect(proofs.map(({ proof }) => proof)).toEqual(['interface', 'return', 'klipper', 'nodes']);
      expect(proofs[1]?.seen).toContain('Klipper reset the bridge');
      await comesUp();
    });

    it('has can0 up again after a reboot, with nothing left to do', async () => {
      await session[Symbol.asyncDispose]();
      await bench.reboot();
      await comesUp();
      session = await login();
      expect((await session.plan(wishes)).steps).toEqual([]);
    });

    if (flavour === 'ifupdown') {
      it('has can0 up again after its USB device was removed and restored', async () => {
        const proofs = await proven('usb');
        expect(proofs.map(({ proof }) => proof)).toContain('return');
        await comesUp();
      });
    }

    it('has every old file byte for byte after an undo by another login', async () => {
      await follow(session.undo(null, false, consent));
      expect(await filesNow()).toBe(files);
      expect(await bench.guest.must('cat /home/pi/.local/state/canopus/plans/*/state')).toBe('undone');
    });
  });
});
