import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { guestPrograms } from '../kernel/build-for-guest.ts';
import type { GuestBench } from '../kernel/guest-bench.ts';
import { guestShareDir, type Guest } from '../kernel/guest/client.ts';
import { median } from './table.ts';

export const port = '1-1';
const flashStart = 0x0800_0000;
const applicationStart = 0x0800_8000;

/** What the board's flash holds besides what is measured. */
export type Before = 'blank' | 'used';

/** Times of one command in the guest, in milliseconds: medians. */
export interface Timed {
  /** From the start of the program to its end. */
  readonly wholeMs: number;
  /** From its first word about the device to its end; the whole time if the program prints nothing. */
  readonly workMs: number;
}

/** Commands on one virtual board with datasheet durations, in the guest. */
export class GuestTools {
  readonly #guest: Guest;
  readonly #guestBench: GuestBench;
  readonly #runs: number;

  constructor(guest: Guest, guestBench: GuestBench, runs: number) {
    this.#guest = guest;
    this.#guestBench = guestBench;
    this.#runs = runs;
  }

  /** Puts bytes where the guest sees them; it hides this machine's /tmp. Returns the path there. */
  async share(name: string, bytes: Uint8Array): Promise<string> {
    await writeFile(path.join(this.#guest.address.shareDir, name), bytes);
    return `${guestShareDir}/${name}`;
  }

  async shareFile(file: string): Promise<string> {
    const name = path.basename(file);
    await copyFile(file, path.join(this.#guest.address.shareDir, name));
    return `${guestShareDir}/${name}`;
  }

  /** Our command line; its work begins with the first phase that it reports. */
  canopus(args: string, prepare: () => Promise<unknown>): Promise<Timed> {
    return this.time(`node ${guestPrograms.canopus} ${args} --json`, prepare, (line) =>
      line.startsWith('{"type":"phase"'),
    );
  }

  async time(
    command: string,
    prepare: () => Promise<unknown>,
    begins: (line: string) => boolean = () => false,
    runs = this.#runs,
  ): Promise<Timed> {
    const whole: number[] = [];
    const work: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      await prepare();
      const startMs = performance.now();
      const begunAtMs: number[] = [];
      const running = this.#guest.start(command, { timeoutMs: 180_000 });
      running.onLine((line) => {
        if (begins(line)) begunAtMs.push(performance.now());
      });
      const { exitCode, stdout, stderr } = await running.result;
      const endMs = performance.now();
      if (exitCode !== 0) throw new Error(`"${command}" exited with ${exitCode}:\n${stdout}${stderr}`);
      whole.push(endMs - startMs);
      work.push(endMs - (begunAtMs[0] ?? startMs));
    }
    return { wholeMs: median(whole), workMs: median(work) };
  }

  /** The board in ROM DFU, just reset. */
  async inDfu(before: Before): Promise<void> {
    const board = this.#cleared();
    if (before === 'used') {
      board.flash.load(flashStart, makeKatapultImage({ seed: 7 }));
      board.flash.load(applicationStart, makeKlipperImage({ seed: 7 }));
    }
    board.setBoot0(true);
    board.setPower(true);
    await this.#guestBench.present(port, 'dfu');
  }

  /** The board in Katapult. */
  async inKatapult(before: Before): Promise<void> {
    const board = this.#cleared();
    board.flash.load(flashStart, makeKatapultImage());
    if (before === 'used') board.flash.load(applicationStart, makeKlipperImage({ seed: 9 }));
    board.setBoot0(false);
    board.setPower(true);
    board.doubleTap();
    await this.#guestBench.present(port, 'katapult');
  }

  #cleared() {
    const board = this.#guestBench.bench.board('a');
    board.setPower(false);
    for (let sector = 0; sector < board.flash.sectors.length; sector += 1) board.flash.erase(sector);
    return board;
  }
}
