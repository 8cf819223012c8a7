import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { flashStart } from '../../app/mcu/stm32-memory.ts';
import { CanopusError, toCanopusError } from '../../app/errors.ts';
import { parseBench } from './bench-config.ts';
import type { Board } from './board/board.ts';
import { ControlCommand } from './control-command.ts';
import type { BenchEvent } from './bench-event.ts';
import type { VirtualBench } from './virtual-bench.ts';

/** One JSON object, sent as one line. */
export type ControlAnswer = Readonly<Record<string, unknown>>;

/**
 * One client of the bench over lines of JSON: every line gets one object in reply, in order, `{ "ok": true, ... }` or
 * `{ "ok": false, "code", "message" }`. After `watch` there are also objects with `type: "event"`.
 */
export class Control {
  readonly #bench: VirtualBench;
  readonly #send: (answer: ControlAnswer) => void;
  #turn: Promise<void> = Promise.resolve();
  #stopWatching: (() => void) | null = null;

  constructor(bench: VirtualBench, send: (answer: ControlAnswer) => void) {
    this.#bench = bench;
    this.#send = send;
  }

  /** Resolves when the line has its reply; never throws. Empty lines are ignored. */
  take(line: string): Promise<void> {
    if (line.trim() === '') return this.#turn;
    this.#turn = this.#turn.then(async () => this.#send(await this.#answer(line)));
    return this.#turn;
  }

  dispose(): void {
    this.#stopWatching?.();
  }

  async #answer(line: string): Promise<ControlAnswer> {
    let id: unknown;
    try {
      const input = parseJson(line);
      id = typeof input === 'object' && input !== null && 'id' in input ? input.id : undefined;
      const command = parseBench(ControlCommand, input, 'control');
      return { ...named(id), ok: true, ...(await this.#do(command)) };
    } catch (error) {
      const { code, message } = toCanopusError(error);
      return { ...named(id), ok: false, code, message };
    }
  }

  async #do(command: ControlCommand): Promise<ControlAnswer> {
    const bench = this.#bench;
    switch (command.do) {
      case 'list':
        return { timeScale: bench.timeScale, boards: bench.boards.map(boardState) };
      case 'watch':
        this.#stopWatching ??= bench.listen((event) => this.#send(spelled(event)));
        return {};
      case 'jumper':
        bench.board(command.board).setBoot0(command.on);
        break;
      case 'power':
        bench.board(command.board).setPower(command.on);
        break;
      case 'reset':
      case 'doubleTap':
      case 'plug':
      case 'unplug':
        bench.board(command.board)[command.do]();
        break;
      case 'move':
        bench.moveBoard(command.board, command.port);
        break;
      case 'swap':
        bench.swap(command.board, command.with);
        break;
      case 'hub':
        if (command.plugged) bench.plugHub(command.port);
        else bench.unplugHub(command.port);
        return {};
      case 'fault':
        bench.board(command.board).arm(command.fault);
        break;
      case 'clearFaults':
        bench.board(command.board).clearFaults();
        break;
      case 'dump':
        return this.#dump(command);
      case 'load':
        load(bench.board(command.board), command.address, await read(command.file));
        break;
      case 'add':
        return { board: boardState(bench.addBoard(command.config)) };
      case 'remove':
        bench.removeBoard(command.board);
        return {};
    }
    return { board: boardState(bench.board(command.board)) };
  }

  async #dump(command: Extract<ControlCommand, { do: 'dump' }>): Promise<ControlAnswer> {
    const { flash } = this.#bench.board(command.board);
    const { address = flashStart, length = flash.sizeBytes - (address - flashStart), file } = command;
    requireInFlash(flash.contains(address, length), address, length);
    const bytes = flash.read(address, length);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (file === undefined) {
      return { address, length, sha256, base64: Buffer.from(bytes).toString('base64') };
    }
    try {
      await writeFile(file, bytes);
    } catch (cause) {
      throw new CanopusError('file/unwritable', `${file} cannot be written.`, { file }, { cause });
    }
    return { address, length, sha256, file };
  }
}

/** The entry of one board in a list. */
export function boardState(board: Board): ControlAnswer {
  const { id, mcu, uid, canbusUuid, port, running, why, boot0, plugged, on, flash, faults } = board;
  return {
    ...{ id, mcu, uid, canbusUuid, port, running, why, boot0, plugged, on },
    onBus: board.device !== null,
    flashKiB: flash.sizeBytes / 1024,
    readProtected: board.memory.readProtected,
    eraseCounts: flash.eraseCounts,
    faults: faults.list(),
    canNodes: board.toolheads.map(({ uuid, application, nodeId }) => ({ uuid, application, nodeId })),
  };
}

function spelled(event: BenchEvent): ControlAnswer {
  const { id, port, running } = event.board;
  const note = event.type === 'change' ? { note: event.note } : {};
  return { type: 'event', event: event.type, board: id, port, running, ...note };
}

function load(board: Board, address: number, bytes: Uint8Array): void {
  requireInFlash(board.flash.contains(address, bytes.length), address, bytes.length);
  board.flash.load(address, bytes);
}

function requireInFlash(inFlash: boolean, address: number, length: number): void {
  if (inFlash) return;
  throw new CanopusError(
    'usage/invalid',
    `${length} bytes at 0x${address.toString(16)} are not all in the board's flash.`,
  );
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CanopusError('file/unreadable', `${file} cannot be read.`, { file }, { cause });
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new CanopusError('usage/invalid', 'control: not a line of JSON.', {}, { cause });
  }
}

function named(id: unknown): ControlAnswer {
  return id === undefined ? {} : { id };
}
