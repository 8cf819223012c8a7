import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface WindowDataOptions {
  readonly platform: NodeJS.Platform;
  /** Where Electron wants Chromium's files: `~/Library/Application Support/Canopus`. */
  readonly userData: string;
  /** The station's: `~/Library/Application Support/canopus`. */
  readonly dataFolder: string;
}

/**
 * What Chromium keeps for its windows (Chromium, docs/user_data_dir.md; Electron, `app.getPath('userData')`). Whatever it
 * makes anew by itself, as caches, stays behind.
 */
const keptByChromium = [
  ...['Cookies', 'Cookies-journal', 'IndexedDB', 'Local State', 'Local Storage', 'Network'],
  ...['Preferences', 'Session Storage', 'WebStorage', 'databases'],
];

/**
 * The folder for Chromium's files, if it must be another one than Electron's; null to leave it. On a disk of macOS that
 * does not tell large letters from small ones Electron's folder is the station's own, and what either of them names or
 * removes there is the other's, too. Chromium's files move once, and no others. Throws what `node:fs` throws.
 */
export function windowDataFolder({ platform, userData, dataFolder }: WindowDataOptions): string | null {
  if (platform !== 'darwin') return null;
  const folder = join(dirname(userData), 'Canopus Window');
  if (exists(folder)) return folder;
  if (!isSameFolder(userData, dataFolder)) {
    // Two folders on this disk, or none yet: in that case they would become one.
    if (exists(userData)) return null;
    mkdirSync(folder, { recursive: true });
    return folder;
  }
  // Cut off on the way, the next start moves the rest.
  const half = `${folder}.new`;
  mkdirSync(half, { recursive: true });
  for (const name of keptByChromium) {
    if (exists(join(userData, name))) renameSync(join(userData, name), join(half, name));
  }
  renameSync(half, folder);
  return folder;
}

function isSameFolder(one: string, other: string): boolean {
  const [a, b] = [statOf(one), statOf(other)];
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

const statOf = (path: string) => statSync(path, { throwIfNoEntry: false });
const exists = (path: string): boolean => statOf(path) !== undefined;
