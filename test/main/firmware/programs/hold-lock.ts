import { readFileSync, writeFileSync } from 'node:fs';
import { acquireLock } from '../../../../main/files/process-lock.ts';

/**
 * Takes the lock again and again and, while it holds it, adds one to a counter in two steps that a second holder at
 * the same time would spoil. Usage: hold-lock LOCK COUNTER TIMES; `TIMES` 0 holds it until killed.
 */
const [lock = '', counter = '', times = '0'] = process.argv.slice(2);
if (times === '0') {
  await acquireLock(lock, { timeoutMs: 10_000 });
  process.stdout.write('held\n');
  setInterval(() => undefined, 1_000);
} else {
  for (let round = 0; round < Number(times); round++) {
    const unlock = await acquireLock(lock, { timeoutMs: 60_000 });
    const value = Number(readFileSync(counter, 'utf8'));
    await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(counter, String(value + 1));
    await unlock();
  }
}
