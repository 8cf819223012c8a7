import { open } from 'node:fs/promises';

/** The first bytes of a file as UTF-8, however long it is. Throws Node's errors. */
export async function readBeginning(path: string, maxBytes: number): Promise<string> {
  await using file = await open(path);
  const bytes = new Uint8Array(maxBytes);
  const { bytesRead } = await file.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, bytesRead));
}
