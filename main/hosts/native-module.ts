import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * A native module of a package, for the command line in a package. The program is in `bin` beside Electron's archive,
 * which leaves native modules of this system and processor, and no others, in `app.asar.unpacked`.
 */
export function loadNative(packageName: string, programPath = process.execPath): unknown {
  const folder = join(
    dirname(programPath),
    '..',
    'app.asar.unpacked',
    'node_modules',
    packageName,
    'prebuilds',
  );
  const name = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith('.node'),
  );
  if (name === undefined) throw new Error(`There is no native module of ${packageName} in ${folder}.`);
  return createRequire(programPath)(join(folder, name));
}
