import { aborted } from '../../app/aborted.ts';
import { piOf, type PlaceId, type PortPath, usbPlacesHere, type UsbPlaces } from '../../app/place.ts';
import type { Board } from '../../app/boards/board.ts';
import { emptyTracker, listBoards, track, type TrackerState } from '../../app/boards/tracker.ts';
import type { UsbDeviceEvent } from '../../app/boards/usb-device.ts';
import { EventQueue } from '../../app/contract/event-queue.ts';
import { LiveTable, type TableEvent } from '../../app/contract/live-table.ts';
import type { DeviceAccess } from '../devices/device-access.ts';

/**
 * The boards of this computer, and of every Pi whose boards are followed, as the tracker knows them, for any number of
 * windows to follow.
 */
export class LiveBoards implements Disposable {
  readonly #table = new LiveTable<Board>();
  #state: TrackerState = emptyTracker;
  readonly #unreadable = new Set<(place: PlaceId) => void>();
  #stop: () => void = () => undefined;

  /** Aborted once what is plugged in is known. */
  readonly #started = new AbortController();

  /** Resolves when what is plugged in now is known. */
  static async open(devices: DeviceAccess): Promise<LiveBoards> {
    const boards = new LiveBoards();
    await boards.start(devices);
    return boards;
  }

  /** Follows the devices from now on; resolves as `open` does. Before, no board is known, and followers wait. */
  async start(devices: DeviceAccess): Promise<void> {
    this.#stop();
    this.#stop = await devices.watch((event) => this.#take(event, usbPlacesHere));
    this.#started.abort();
  }

  /** Follows another computer's devices, too, until the returned function is called: then none of them is there. */
  async add(devices: DeviceAccess, places: UsbPlaces): Promise<() => void> {
    const present = new Set<PortPath>();
    const stop = await devices.watch((event) => {
      if (event.type === 'attach') present.add(event.device.portPath);
      if (event.type === 'detach') present.delete(event.portPath);
      this.#take(event, places);
    });
    return () => {
      stop();
      for (const portPath of present) this.#take({ type: 'detach', portPath }, places);
      present.clear();
    };
  }

  /** Everything that is plugged in or remembered, as of now. */
  all(): readonly Board[] {
    return this.#table.all();
  }

  /** Those on this computer's ports, or on none. */
  allHere(): readonly Board[] {
    return this.all().filter(isHere);
  }

  /** As `follow`, without boards of Pis. */
  async *followHere(signal: AbortSignal): AsyncGenerator<TableEvent<Board>, void, void> {
    for await (const event of this.follow(signal)) {
      if (event.type === 'all') yield { type: 'all', items: event.items.filter(isHere) };
      else if (event.type === 'gone' || isHere(event.item)) yield event;
      else yield { type: 'gone', id: event.item.id };
    }
  }

  async *follow(signal: AbortSignal): AsyncGenerator<TableEvent<Board>, void, void> {
    await aborted(AbortSignal.any([this.#started.signal, signal]));
    yield* this.#table.follow(signal);
  }

  /** Ports with a device that cannot be enumerated, as it happens. */
  async *unreadable(signal: AbortSignal): AsyncGenerator<{ place: PlaceId }, void, void> {
    const queue = new EventQueue<PlaceId>();
    const listener = (place: PlaceId): void => queue.push(place);
    this.#unreadable.add(listener);
    const onAbort = (): void => queue.end('done');
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        const next = await queue.take();
        if (next.type !== 'event') return;
        yield { place: next.value };
      }
    } finally {
      this.#unreadable.delete(listener);
      signal.removeEventListener('abort', onAbort);
    }
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #take(event: UsbDeviceEvent, places: UsbPlaces): void {
    if (event.type === 'unreadable')
      for (const tell of this.#unreadable) tell(places.placeOf(event.portPath));
    this.#state = track(this.#state, event, (port) => places.placeOf(port));
    const boards = listBoards(this.#state);
    const ids = new Set(boards.map(({ id }) => id));
    for (const { id } of this.#table.all()) if (!ids.has(id)) this.#table.delete(id);
    for (const board of boards) if (this.#table.get(board.id) !== board) this.#table.set(board);
  }
}

const isHere = ({ place }: Board): boolean => place === null || piOf(place) === null;
