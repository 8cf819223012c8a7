import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { argument } from '../../bench/arguments.ts';

/**
 * `npm run check:printer-config -- --klipper DIR`: the reader and editor of printer.cfg beside Klipper's own reader and
 * over Klipper's sample configurations, from a tree that is only read. Prints what was compared; ends with 1 where the
 * two read anything differently.
 */
const given = argument('klipper');
const klipper = given === null ? null : resolve(given);
if (klipper === null || !existsSync(join(klipper, 'klippy', 'configfile.py'))) {
  process.stdout.write('usage: npm run check:printer-config -- --klipper DIR\n');
  process.exit(2);
}
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'system', '--reporter', 'verbose'];
const { status } = spawnSync(process.execPath, [...vitest, 'test/system/pi/printer-config-judge.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, CANOPUS_KLIPPER: klipper },
});
process.exitCode = status === 0 ? 0 : 1;
