import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { argument } from '../../bench/arguments.ts';

/**
 * `npm run check:printer-config -- --klipper DIR [--kalico DIR]`: the reader and editor of printer.cfg beside Klipper's
 * and Kalico's own readers and over their sample configurations, from trees that are only read. Prints what was
 * compared; ends with 1 where any two read anything differently.
 */
const trees = { CANOPUS_KLIPPER: argument('klipper'), CANOPUS_KALICO: argument('kalico') };
const given = Object.entries(trees).flatMap(([name, path]) =>
  path === null ? [] : [[name, resolve(path)] as const],
);
if (given.length === 0 || given.some(([, path]) => !existsSync(join(path, 'klippy', 'configfile.py')))) {
  process.stdout.write('usage: npm run check:printer-config -- --klipper DIR [--kalico DIR]\n');
  process.exit(2);
}
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'system', '--reporter', 'verbose'];
const { status } = spawnSync(process.execPath, [...vitest, 'test/system/pi/printer-config-judge.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, ...Object.fromEntries(given) },
});
process.exitCode = status === 0 ? 0 : 1;
