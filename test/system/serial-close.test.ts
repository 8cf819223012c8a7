import { expect, it } from 'vitest';
import { buildProgram } from '../main/firmware/run-program.ts';
import { openDeafTerminal } from './pseudo-terminal.ts';

/** N_TTY_BUF_SIZE of Linux, less one. */
const lineDisciplineBytes = 4095;

it('a program ends soon after its last line though its port takes no more bytes, and sends none after it', async () => {
  await using deaf = await openDeafTerminal();
  await using writer = await buildProgram(new URL('programs/write-to-deaf-port.ts', import.meta.url));
  const program = writer.start([deaf.tty]);
  await program.until('last line');
  const lastLineMs = performance.now();
  expect(await program.ended).toBe(0);
  expect(performance.now() - lastLineMs).toBeLessThan(2000);
  expect(program.output()).toContain('not written');
  // What the other end's line discipline had taken in already cannot be thrown away; the rest was.
  expect(await deaf.countWaiting()).toBeLessThanOrEqual(lineDisciplineBytes);
});
