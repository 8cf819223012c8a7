import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from './file-errors.ts';

/**
 * Makes a folder and those above it, if they do not exist. Throws what `mkdir` throws, with the system's reason: asked
 * for several folders at once, Node 20 says ENOENT for a read-only disk.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const options = mode === undefined ? {} : { mode };
  try {
    await mkdir(path, { recursive: true, ...options });
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    await mkdir(await firstMissing(path), options);
    await mkdir(path, { recursive: true, ...options });
  }
}

async function firstMissing(path: string): Promise<string> {
  const above = dirname(path);
  if (above === path) return path;
  const exists = await stat(above).then(
    () => true,
    () => false,
  );
  return exists ? path : firstMissing(above);
}
