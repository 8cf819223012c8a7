import { expect, it } from 'vitest';
import { buildProgram } from '../main/firmware/run-program.ts';
import { openDeafTerminal } from './pseudo-terminal.ts';

it('a program ends soon after its last line though its port takes no more bytes', async () => {
  await using deaf = await openDeafTerminal();
  await using writer = await buildProgram(new URL('programs/write-to-deaf-port.ts', import.meta.url));
  const program = writer.start([deaf.tty]);
  await program.until('last line');
  const lastLineMs = performance.now();
  expect(await program.ended).toBe(0);
  // Linux would wait 30 s for a serial port to take what is left (closing_wait).
  expect(performance.now() - lastLineMs).toBeLessThan(15_000);
  expect(program.output()).toContain('not written');
});
