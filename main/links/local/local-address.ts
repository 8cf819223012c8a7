import { createHash } from 'node:crypto';
import { posix } from 'node:path';

/** What decides where a station listens, for this process. */
export interface LocalSurroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly temporaryFolder: string;
  /** Of the user; null on Windows, which has none. */
  readonly userId: number | null;
}

export interface LocalAddress {
  /** What `net.listen` and `net.connect` take. */
  readonly address: string;
  /** The folder of a socket, which only its user may enter; null for a named pipe, which has none. */
  readonly folder: string | null;
}

/**
 * Bytes of a socket's path. sockaddr_un has 108 on Linux (unix(7)) and 104 on macOS (sys/un.h), both with the zero at
 * the end.
 */
const maxPathBytes = 103;

/**
 * Where the station of a data folder listens: always the same place, so that the next station finds what a killed one
 * left there. The folder's own path would be too long for a socket, so its hash is used.
 */
export function localAddress(dataFolder: string, surroundings: LocalSurroundings): LocalAddress {
  const { platform, env, temporaryFolder, userId } = surroundings;
  const name = `canopus-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 16)}`;
  if (platform === 'win32') return { address: `\\\\.\\pipe\\${name}`, folder: null };
  const runtime = env['XDG_RUNTIME_DIR'];
  const own = `canopus-${userId ?? 0}`;
  const folders = [
    ...(runtime !== undefined && posix.isAbsolute(runtime) ? [posix.join(runtime, 'canopus')] : []),
    posix.join(temporaryFolder, own),
    posix.join('/tmp', own),
  ];
  const fits = (folder: string): boolean => Buffer.byteLength(pathIn(folder, name)) <= maxPathBytes;
  const folder = folders.find(fits) ?? posix.join('/tmp', own);
  return { address: pathIn(folder, name), folder };
}

function pathIn(folder: string, name: string): string {
  return posix.join(folder, `${name}.sock`);
}
