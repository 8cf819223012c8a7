import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CanopusError } from '../../app/errors.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { BenchConfig, parseBench, type BenchInput, type BoardConfig } from './bench-config.ts';
import { VirtualBench } from './virtual-bench.ts';

/**
 * Opens the bench that a JSON file describes (docs/virtual-bench.md). Paths in it are relative to the file.
 * Throws `file/unreadable`, and `usage/invalid` naming the invalid field.
 */
export async function openBenchFile(file: string, clock: Clock, timeScale?: number): Promise<VirtualBench> {
  const input = parseJson((await read(file)).toString('utf8'), file);
  const { boards } = parseBench(BenchConfig, input, file);
  const contents = await Promise.all(boards.map(({ flash }) => loaded(flash, file)));
  const bench = input as BenchInput;
  return new VirtualBench(
    { ...bench, boards: bench.boards.map((board, index) => ({ ...board, flash: contents[index] ?? [] })) },
    { clock, timeScale },
  );
}

function loaded(flash: BoardConfig['flash'], benchFile: string): Promise<BoardConfig['flash']> {
  return Promise.all(
    flash.map(async (content) =>
      content.file === undefined
        ? content
        : {
            ...content,
            bytes: Uint8Array.from(await read(path.resolve(path.dirname(benchFile), content.file))),
          },
    ),
  );
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CanopusError('file/unreadable', `${file} cannot be read.`, { file }, { cause });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CanopusError('usage/invalid', `${file} is not a JSON file.`, { file }, { cause });
  }
}
