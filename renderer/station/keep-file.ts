import type { StationState } from './station.svelte.ts';
import { readBase64 } from '../ui/read-file.ts';
import { saveFile } from '../ui/save-file.ts';

/**
 * Saves a file that the window made: into a folder that the person chooses, if the host asks for one (the desktop allows
 * no downloads), or else as a download. Returns its path; null if it is unknown, or no folder was chosen. Throws `file/…`.
 */
export async function keepFile(
  station: Pick<StationState, 'client' | 'info'>,
  name: string,
  blob: Blob,
): Promise<string | null> {
  if (station.info?.features.includes('choose-folder') !== true) {
    saveFile(blob, name);
    return null;
  }
  const saved = await station.client.call('host.saveFile', { name, base64: await readBase64(blob) });
  return saved?.path ?? null;
}
