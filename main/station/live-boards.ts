import type { Board } from '../../app/boards/board.ts';
import { emptyTracker, listBoards, track, type TrackerState } from '../../app/boards/tracker.ts';
import type { UsbDeviceEvent } from '../../app/boards/usb-device.ts';
import { LiveTable, type TableEvent } from '../../app/contract/live-table.ts';
import type { DeviceAccess } from '../devices/device-access.ts';

/** The boards of one computer as the tracker knows them, for any number of windows to follow. */
export class LiveBoards implements Disposable {
  readonly #table = new LiveTable<Board>();
  #state: TrackerState = emptyTracker;
  #stop: () => void = () => undefined;

  /** Resolves when what is plugged in now is known. */
  static async open(devices: DeviceAccess): Promise<LiveBoards> {
    const boards = new LiveBoards();
    boards.#stop = await devices.watch((event) => boards.#take(event));
    return boards;
  }

  /** Everything that is plugged in or remembered, as of now. */
  all(): readonly Board[] {
    return this.#table.all();
  }

  follow(signal: AbortSignal): AsyncGenerator<TableEvent<Board>, void, void> {
    return this.#table.follow(signal);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #take(event: UsbDeviceEvent): void {
    this.#state = track(this.#state, event);
    const boards = listBoards(this.#state);
    const ids = new Set(boards.map(({ id }) => id));
    for (const { id } of this.#table.all()) if (!ids.has(id)) this.#table.delete(id);
    for (const board of boards) if (this.#table.get(board.id) !== board) this.#table.set(board);
  }
}
