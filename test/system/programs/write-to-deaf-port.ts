import { SerialLink } from '../../../main/devices/serial-link.ts';
import { endProcess } from '../../../main/hosts/cli/process-end.ts';
import { systemClock } from '../../../main/system-clock.ts';

/**
 * Writes more to a terminal than it holds, waits in vain for a reply, closes and ends. Usage: write-to-deaf-port TTY.
 */
const [tty = ''] = process.argv.slice(2);
const link = await SerialLink.open(tty, 115_200, systemClock);
const written = link.write(new Uint8Array(256 * 1024)).then(
  () => 'written',
  () => 'not written',
);
await link.read({ timeoutMs: 300 }).catch(() => undefined);
await link.close();
process.stdout.write(`${await written}\nlast line\n`);
await endProcess();
