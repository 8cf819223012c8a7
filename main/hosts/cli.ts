#!/usr/bin/env node
import { createProgram } from './cli/program.ts';

// Who reads may stop reading, as `head` does: no reason to end in the middle of a board.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

await createProgram().parseAsync();
