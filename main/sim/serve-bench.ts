import type { Clock } from '../../app/transport/clock.ts';
import { LineSplitter } from '../../app/transport/line-splitter.ts';
import { openBenchFile } from './bench-file.ts';
import { listenOnLoopback, type LoopbackServer } from './listen-on-loopback.ts';
import { boardState, Control, type ControlAnswer } from './control.ts';
import { serveUsbIp } from './usbip/usbip-server.ts';
import type { VirtualBench } from './virtual-bench.ts';

export interface ServeBenchOptions {
  /** The bench file. */
  readonly file: string;
  readonly clock: Clock;
  readonly timeScale?: number | undefined;
  /** Exports the boards over USB/IP on this port of loopback; 0 takes a free one, undefined exports none. */
  readonly usbIpPort?: number | undefined;
  /** The control channel's port of loopback; 0, the default, takes a free one. */
  readonly controlPort?: number | undefined;
  /** More control lines, such as standard input. Its end changes nothing. */
  readonly input?: AsyncIterable<Uint8Array> | undefined;
  /** Receives the first line, which says what is served, and the replies to `input`. */
  readonly print: (answer: ControlAnswer) => void;
}

export interface ServedBench extends AsyncDisposable {
  readonly bench: VirtualBench;
  readonly controlPort: number;
  /** Null if nothing is exported. */
  readonly usbIpPort: number | null;
}

/**
 * Runs the bench of a file until disposed: boards, control channel, USB/IP. First prints `{ "type": "ready", "control":
 * PORT, "usbip": PORT | null, "boards": [...] }`.
 */
export async function serveBench(options: ServeBenchOptions): Promise<ServedBench> {
  const opened: AsyncDisposable[] = [];
  const close = async () => {
    for (const resource of opened.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  };
  const keep = <T extends AsyncDisposable>(resource: T): T => {
    opened.push(resource);
    return resource;
  };
  try {
    const bench = keep(await openBenchFile(options.file, options.clock, options.timeScale));
    const present = () => bench.boards.flatMap(({ device }) => device ?? []);
    const usbIp = options.usbIpPort === undefined ? null : keep(await serveUsbIp(present, options.usbIpPort));
    const control = keep(await serveControl(bench, options.controlPort ?? 0));
    const usbIpPort = usbIp?.port ?? null;
    const { timeScale, boards } = bench;
    const ports = { control: control.port, usbip: usbIpPort };
    options.print({ type: 'ready', ...ports, timeScale, boards: boards.map(boardState) });
    if (options.input !== undefined) void follow(options.input, new Control(bench, options.print));
    return { bench, controlPort: control.port, usbIpPort, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function follow(input: AsyncIterable<Uint8Array>, person: Control): Promise<void> {
  const lines = new LineSplitter((line) => void person.take(line));
  try {
    for await (const chunk of input) lines.push(chunk);
    lines.end();
  } catch {
    // The input closed; keep serving.
  }
}

/** Any number of clients at once, each with its own lines. */
function serveControl(bench: VirtualBench, port: number): Promise<LoopbackServer> {
  return listenOnLoopback(port, (socket) => {
    const person = new Control(bench, (answer) => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
    });
    const lines = new LineSplitter((line) => void person.take(line));
    socket.on('data', (chunk) => lines.push(chunk));
    socket.on('close', () => person.dispose());
  });
}
