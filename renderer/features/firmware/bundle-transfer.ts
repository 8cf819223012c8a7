import { bundlePieceBytes } from '../../../app/contract/entries/bundles.ts';
import type { StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { readBase64 } from '../../ui/read-file.ts';

interface FetchedBundle {
  readonly blob: Blob;
  readonly images: number;
}

/** Downloads a bundle of images (null: all) from the station. `onProgress` gets the part received, 0 to 1. */
export async function fetchBundle(
  client: StationClient,
  keys: readonly string[] | null,
  onProgress: (part: number) => void,
): Promise<FetchedBundle> {
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let [bytes, got, images] = [0, 0, 0];
  for await (const event of client.stream('bundles.export', { keys })) {
    if (event.type === 'start') {
      // After the link was lost, the station starts the transfer again.
      [pieces, got, bytes, images] = [[], 0, event.bytes, event.images];
    } else {
      const piece = Uint8Array.from(atob(event.base64), (char) => char.charCodeAt(0));
      pieces.push(piece);
      got += piece.length;
      onProgress(bytes === 0 ? 1 : got / bytes);
    }
  }
  return { blob: new Blob(pieces, { type: 'application/zip' }), images };
}

/** Sends a bundle to the station, which checks and imports it. Throws `cache/bad-bundle`. */
export async function bringBundle(
  client: StationClient,
  file: File,
  onProgress: (part: number) => void,
): Promise<StationOutput<'bundles.import'>> {
  for (let at = 0; at < file.size || at === 0; at += bundlePieceBytes) {
    const base64 = await readBase64(file.slice(at, at + bundlePieceBytes));
    await client.call('bundles.put', { at, base64 });
    onProgress(Math.min(1, (at + bundlePieceBytes) / Math.max(1, file.size)));
  }
  return client.call('bundles.import', { name: file.name.slice(0, 255) });
}

/** A zip file starts with the signature of its first entry (PKWARE APPNOTE 4.3.7). */
export async function isBundle(file: Blob): Promise<boolean> {
  return (await readBase64(file.slice(0, 2))) === btoa('PK');
}

/** `canopus-images-2026-11-25.zip`. */
export function bundleName(now = new Date()): string {
  return `canopus-images-${now.toISOString().slice(0, 10)}.zip`;
}

/** Saves a file in the browser under a name. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has read the URL by the next turn of its loop.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
