import { describe, expect, it } from 'vitest';
import { checkBoardImages, type BoardImages } from '../../../main/jobs/board-images.ts';
import type { FlashBoardEvent } from '../../../main/jobs/board-event.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { asLoaded, bareF446, BenchRun, imagesFor, obedientHands } from './bench-run.ts';

const noHands = (): void => undefined;

/** Images for a crystal, whatever the board has. */
async function imagesOf(crystalHz: number): Promise<BoardImages> {
  const bootloader = await asLoaded('katapult.bin', makeKatapultImage({ crystalHz }));
  const application = await asLoaded('klipper.bin', makeKlipperImage({ crystalHz }));
  return checkBoardImages({ bootloader, application });
}

/** A run that reports when each thing was seen. */
class TimedRun extends BenchRun {
  readonly seen: { sight: string; builtForHz: number | null; atMs: number }[] = [];

  timed(hands: (event: FlashBoardEvent) => void = noHands): (event: FlashBoardEvent) => void {
    return (event) => {
      if (event.type === 'sight') {
        const { sight, builtForHz } = event;
        this.seen.push({ sight, builtForHz, atMs: this.clock.nowMs() });
      }
      hands(event);
    };
  }

  get sights(): readonly string[] {
    return this.seen.map(({ sight }) => sight);
  }

  /** When the flasher started the board. */
  startedAtMs(hands: (event: FlashBoardEvent) => void): (event: FlashBoardEvent) => void {
    return (event) => {
      if (event.type === 'phase' && event.phase === 'leave') this.leftAtMs = this.clock.nowMs();
      hands(event);
    };
  }
  leftAtMs = 0;
}

function silentF446(crystalHz: number, more: Partial<BoardInput> = {}): BoardInput {
  return { ...bareF446, crystalHz, ...more };
}

describe('a board that is waited for', () => {
  it('is said to be in DFU again when it is, and to have lost its power when it has', async () => {
    await using run = new TimedRun(bareF446);
    let powerOffAtMs = 0;
    const hands = run.timed((event) => {
      if (event.type !== 'ask') return;
      // First without a look at the jumper, then properly.
      void run.clock.sleep(1_000).then(async () => {
        powerOffAtMs = run.clock.nowMs();
        run.board.setPower(false);
        await run.clock.sleep(3_000);
        run.board.setPower(true);
        await run.clock.sleep(3_000);
        obedientHands(run.board)(event);
      });
    });
    await run.flash(await imagesFor(), { hands });
    expect(run.sights).toEqual(['dfu-again', 'left-usb', 'dfu-again', 'left-usb']);
    expect(run.seen[1]!.atMs - powerOffAtMs).toBeLessThan(2_000);
    // Power came back after 3 s; the board takes 0.3 s to be there.
    expect(run.seen[2]!.atMs - powerOffAtMs).toBeLessThan(5_000);
    expect(run.events.filter((event) => event.type === 'ask')).toHaveLength(1);
  });

  it('is reported as unreadable within 2 s if the system reports it, with the crystal it was written for', async () => {
    await using run = new TimedRun(silentF446(8_000_000));
    const hands = run.startedAtMs(run.timed());
    const flashing = run.flash(await imagesOf(12_000_000), { hands, personTimeoutMs: 60_000 });
    await expect(flashing).rejects.toMatchObject({ code: 'device/did-not-return', state: 'dfu-written' });
    expect(run.seen).toMatchObject([{ sight: 'unreadable', builtForHz: 12_000_000 }]);
    expect(run.seen[0]!.atMs - run.leftAtMs).toBeLessThan(2_000);
  });

  it('is reported as silent after 20 s, once, and still waited for', async () => {
    await using run = new TimedRun(silentF446(12_000_000));
    const hands = run.startedAtMs(run.timed());
    const flashing = run.flash(await imagesOf(8_000_000), { hands, personTimeoutMs: 120_000 });
    await expect(flashing).rejects.toMatchObject({ code: 'device/did-not-return' });
    expect(run.seen).toMatchObject([{ sight: 'silent', builtForHz: 8_000_000 }]);
    const afterMs = run.seen[0]!.atMs - run.leftAtMs;
    expect(afterMs).toBeGreaterThanOrEqual(20_000);
    expect(afterMs).toBeLessThan(21_000);
    expect(run.clock.nowMs() - run.leftAtMs).toBeGreaterThan(120_000);
  });

  it('is said to be silent after Klipper was written, too', async () => {
    await using run = new TimedRun(bareF446);
    const images = await imagesFor();
    const hands = run.timed((event) => {
      if (event.type === 'step' && event.step === 'install-klipper') {
        run.board.setBoot0(false);
        run.board.arm({ kind: 'no-return' });
      }
      if (event.type === 'sight' && event.sight === 'silent') run.board.reset();
    });
    await run.flash(images, { hands });
    expect(run.sights).toEqual(['silent']);
    expect(run.board.running).toBe('can-bridge');
  });
});
