import { InvalidArgumentError, type Command } from 'commander';
import type { CliContext } from './context.ts';
import { survivesClosedInput } from './process-end.ts';

interface SimOptions {
  readonly boards: string;
  readonly usbip?: number;
  readonly control?: number;
  readonly timeScale?: number;
}

/** `canopus sim`: virtual boards with a control channel, also as USB/IP devices, until Ctrl-C. */
export function registerSim(program: Command, context: CliContext): void {
  program
    .command('sim')
    .description('serve virtual boards; one JSON command per line on standard input or on the control port')
    .requiredOption('--boards <bench.json>', 'which boards, see docs/virtual-bench.md')
    .option('--usbip <port>', 'export them as USB/IP devices on this port of loopback (0: any)', parsePort)
    .option(
      '--control <port>',
      'the port of the control channel on loopback (0, the default: any)',
      parsePort,
    )
    .option(
      '--time-scale <factor>',
      'multiply every duration of the boards (default 1: as in the datasheet)',
      parseFactor,
    )
    .option('--json', 'as every command; it prints JSON in any case')
    .action((options: SimOptions) =>
      context.run({ json: true }, async (io) => {
        const { serveVirtualBench } = await import('../../station/serve-virtual-bench.ts');
        survivesClosedInput();
        await using served = await serveVirtualBench({
          file: options.boards,
          usbIpPort: options.usbip,
          controlPort: options.control,
          timeScale: options.timeScale,
          input: process.stdin,
          print: (answer) => io.emit({ type: 'answer', ...answer }),
        });
        await new Promise<void>((resolve) => {
          io.signal.addEventListener('abort', () => resolve(), { once: true });
        });
        process.stdin.destroy();
        return { boards: served.bench.boards.length };
      }),
    );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('must be a port number');
  return port;
}

function parseFactor(text: string): number {
  const factor = Number(text);
  if (text.trim() === '' || !(factor >= 0 && factor <= 100))
    throw new InvalidArgumentError('must be from 0 to 100');
  return factor;
}
