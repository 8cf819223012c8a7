import type { PortPath } from '../../app/place.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { CanopusError } from '../../app/errors.ts';
import { BenchConfig, BoardConfig, parseBench, type BenchInput, type BoardInput } from './bench-config.ts';
import { Board } from './board/board.ts';
import type { HostViewOptions } from './host-view/host-view-options.ts';
import { ForeignDevices } from './foreign/foreign-devices.ts';
import { VirtualDevices } from './virtual-devices.ts';
import type { BenchEvent } from './bench-event.ts';

interface BenchOptions {
  readonly clock: Clock;
  /** Multiplies every duration of the boards; overrides the file's. Default 1, as in the datasheets. */
  readonly timeScale?: number | undefined;
}

/**
 * Virtual boards on virtual USB ports, for one process. `devices` is the station's view of them; everything else here
 * is what a person does at the bench.
 */
export class VirtualBench implements AsyncDisposable {
  readonly devices: VirtualDevices;
  readonly clock: Clock;
  readonly timeScale: number;
  /** The system that shows the boards to the station; null for Linux. */
  readonly seenAs: HostViewOptions | null;
  readonly tellsUnreadable: boolean;
  /** Other devices that are plugged in. */
  readonly foreign: ForeignDevices;
  readonly #boards = new Map<string, Board>();
  readonly #listeners = new Set<(event: BenchEvent) => void>();
  /** Boards that lost their cable with a hub, by the hub's port. */
  readonly #withHub = new Map<string, readonly Board[]>();

  /**
   * The boards have power from here on. Throws `usage/invalid` naming the invalid field, and if the configuration names
   * files: `openBenchFile` reads those.
   */
  constructor(input: BenchInput, { clock, timeScale }: BenchOptions) {
    const config = parseBench(BenchConfig, input, 'The bench is not valid');
    this.clock = clock;
    this.seenAs = config.seenAs ?? null;
    this.timeScale = timeScale ?? config.timeScale ?? 1;
    this.tellsUnreadable = config.tellsUnreadable;
    this.foreign = new ForeignDevices(clock);
    this.devices = new VirtualDevices(this);
    for (const board of config.boards) this.#add(board);
    for (const { kind, port } of config.foreign) this.foreign.plug(kind, port);
  }

  /** In the order they were added. */
  get boards(): readonly Board[] {
    return [...this.#boards.values()];
  }

  /** Throws `usage/invalid` if there is none with this id. */
  board(id: string): Board {
    const board = this.#boards.get(id);
    if (board === undefined) throw invalid(`There is no virtual board "${id}".`);
    return board;
  }

  /** The board whose cable is in this port; null if there is none. */
  boardAt(port: string): Board | null {
    return this.boards.find((board) => board.plugged && board.port === port) ?? null;
  }

  addBoard(input: BoardInput): Board {
    return this.#add(parseBench(BoardConfig, input, 'The board is not valid'));
  }

  /** Takes a board off the bench. */
  removeBoard(id: string): void {
    const board = this.board(id);
    board.unplug();
    board.dispose();
    this.#boards.delete(id);
  }

  /** Pulls a board's cable and plugs it in at another port. Throws `usage/invalid` if the port is taken. */
  moveBoard(id: string, port: PortPath): void {
    const board = this.board(id);
    this.#requireFree(port, board);
    board.moveTo(port);
  }

  /** Swaps the ports of two boards, like two mixed-up cables. */
  swap(firstId: string, secondId: string): void {
    const [first, second] = [this.board(firstId), this.board(secondId)];
    const wasPlugged = [first.plugged, second.plugged];
    first.unplug();
    second.unplug();
    const port = first.port;
    first.moveTo(second.port);
    second.moveTo(port);
    if (wasPlugged[0]) first.plug();
    if (wasPlugged[1]) second.plug();
  }

  /** Unplugs a hub: everything behind it leaves the bus at once. */
  unplugHub(port: PortPath): void {
    const behind = this.boards.filter((board) => board.plugged && board.port.startsWith(`${port}.`));
    this.#withHub.set(port, behind);
    for (const board of behind) board.unplug();
  }

  /** Plugs the hub in again, with the boards behind it. */
  plugHub(port: PortPath): void {
    for (const board of this.#withHub.get(port) ?? []) board.plug();
    this.#withHub.delete(port);
  }

  /** Calls `listener` with every event from now on. Returns a function that stops it. */
  listen(listener: (event: BenchEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const board of this.boards) board.dispose();
    this.#listeners.clear();
    return Promise.resolve();
  }

  #add(config: BoardConfig): Board {
    if (this.#boards.has(config.id)) throw invalid(`There is a virtual board "${config.id}" already.`);
    if (config.plugged) this.#requireFree(config.port, null);
    const { clock, timeScale } = this;
    const board = new Board(config, {
      clock,
      timeScale,
      attached: (from, device) => this.#tell({ type: 'attach', board: from, device }),
      detached: (from, device) => this.#tell({ type: 'detach', board: from, device }),
      unreadable: (from) => this.#tell({ type: 'unreadable', board: from }),
      requireFree: (port, except) => this.#requireFree(port, except),
      changed: (from, note) => this.#tell({ type: 'change', board: from, note }),
    });
    for (const { address, bytes, file } of config.flash) {
      if (bytes === undefined) throw invalid(`The flash content "${file ?? ''}" was not read.`);
      if (!board.flash.contains(address, bytes.length)) {
        throw invalid(`"${config.id}": ${bytes.length} bytes do not fit flash at 0x${address.toString(16)}.`);
      }
      board.flash.load(address, bytes);
    }
    this.#boards.set(config.id, board);
    board.begin();
    return board;
  }

  #requireFree(port: PortPath, except: Board | null): void {
    const there = this.boardAt(port);
    if (there !== null && there !== except) {
      throw invalid(`Port ${port} is taken by the virtual board "${there.id}".`);
    }
  }

  #tell(event: BenchEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function invalid(message: string): CanopusError {
  return new CanopusError('usage/invalid', message);
}
