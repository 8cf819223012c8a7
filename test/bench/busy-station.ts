import { type PlaceId, usbPlace } from '../../app/place.ts';
import { resolve } from 'node:path';
import type { Board } from '../../app/boards/board.ts';
import { LiveTable } from '../../app/contract/live-table.ts';
import { serveContract } from '../../app/contract/server.ts';
import { stationContract, type JobView } from '../../app/contract/station-contract.ts';
import { openHeadlessHost, type HeadlessHost } from '../../main/hosts/headless/headless-host.ts';
import { loadRendererFiles } from '../../main/hosts/renderer-files.ts';
import { systemClock } from '../../main/system-clock.ts';
import { bareBoard, job } from '../renderer/samples.ts';
import { quietHandlers } from '../renderer/quiet-handlers.ts';

/** Fits what is shown exactly: `517 B of 1023 B`. */
const bytesTotal = 1023;

const quiet = (): void => undefined;

/** A bench full of boards that are all being flashed, behind the real headless host. */
export class BusyStation implements AsyncDisposable {
  readonly #boards = new LiveTable<Board>();
  readonly #jobs = new LiveTable<JobView>();
  readonly #ports: readonly PlaceId[];
  #host: HeadlessHost | null = null;

  private constructor(boards: number) {
    this.#ports = Array.from({ length: boards }, (_, n) =>
      usbPlace(`1-${Math.floor(n / 8) + 1}.${(n % 8) + 1}`),
    );
    for (const place of this.#ports) {
      this.#boards.set(bareBoard(place));
      this.#jobs.set(job({ id: `job-${place.replace(/[:.]/g, '-')}`, place }));
    }
  }

  static async open(boards: number): Promise<BusyStation> {
    const station = new BusyStation(boards);
    const handlers = quietHandlers({
      'boards.watch': (_, { signal }) => station.#boards.follow(signal),
      'jobs.overview': (_, { signal }) => station.#jobs.follow(signal),
    });
    station.#host = await openHeadlessHost({
      listen: { host: '127.0.0.1', port: 0 },
      tls: null,
      files: await loadRendererFiles(resolve('out/renderer')),
      log: { info: quiet, warn: quiet, error: quiet },
      clock: systemClock,
      serve: (link) =>
        serveContract(stationContract, handlers, link, {
          clock: systemClock,
          onInternalError: (error) => {
            throw error;
          },
        }),
    });
    return station;
  }

  link(): string {
    return this.#host?.newLink() ?? '';
  }

  /** Lets every job report its progress; returns when the first board reported each number, in ms of the epoch. */
  async work(eventsPerSecond: number, lastsMs: number): Promise<ReadonlyMap<number, number>> {
    const sent = new Map<number, number>();
    const startedAt = new Date().toISOString();
    const count = Math.floor((lastsMs / 1000) * eventsPerSecond);
    // Not more often than there are numbers: each is reported once.
    for (let n = 0; n < Math.min(count, bytesTotal); n += 1) {
      for (const [index, place] of this.#ports.entries()) {
        const progress = { phase: 'write', bytesDone: n, bytesTotal, startedAt } as const;
        if (index === 0) sent.set(n, performance.timeOrigin + performance.now());
        this.#jobs.set(job({ id: `job-${place.replace(/[:.]/g, '-')}`, place, progress }));
      }
      await systemClock.sleep(1000 / eventsPerSecond);
    }
    return sent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host?.[Symbol.asyncDispose]();
  }
}
