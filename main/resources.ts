import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CanopusError } from '../app/errors.ts';

/**
 * The folder with boards, icons and rules, beside the program: in a checkout above `out/`, in a package beside the
 * archive (Electron's `process.resourcesPath`).
 */
export function resourcesDirectory(): string {
  const packaged = Reflect.get(process, 'resourcesPath') as unknown;
  const starts = [
    fileURLToPath(import.meta.url),
    ...(typeof packaged === 'string' ? [join(packaged, 'x')] : []),
  ];
  for (const start of starts) {
    for (let folder = dirname(start); ; folder = dirname(folder)) {
      const candidate = join(folder, 'resources');
      if (existsSync(join(candidate, 'boards'))) return candidate;
      if (dirname(folder) === folder) break;
    }
  }
  throw new CanopusError('internal', 'The resources folder of this installation is missing.');
}
