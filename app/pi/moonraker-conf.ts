import { parseConfigFile } from '../printer-config/config-file.ts';
import { decodeConfigText } from '../printer-config/config-text.ts';
import { optionValue, readConfigTree } from '../printer-config/config-tree.ts';
import type { MoonrakerFacts, PiFile } from './facts.ts';

const defaults = { host: '0.0.0.0', port: 7125, klippySocket: '/tmp/klippy_uds' } as const;

/** PATH_MAX of Linux (linux/limits.h); the folder is put into such a value any number of times. */
const maxPathLength = 4096;

/**
 * The `[server]` section of moonraker.conf (Moonraker's documentation, configuration.md): Klipper's format, with
 * includes. Defaults for missing values, and if the file could not be read.
 */
export function readMoonrakerConf(
  files: ReadonlyMap<string, PiFile>,
  configPath: string,
  dataPath: string | null,
  home: string,
): Omit<MoonrakerFacts, 'pid' | 'unit'> {
  const main = files.get(configPath);
  // Unlike Klipper, Moonraker allows an indented include.
  const textOf = ({ bytes }: PiFile): string =>
    decodeConfigText(bytes).text.replace(/^[ \t]+(?=\[include )/gm, '');
  const parsed = (file: PiFile) => parseConfigFile(file.path, textOf(file), false);
  const others = [...files.values()].filter(({ path }) => path.endsWith('.conf') && path !== configPath);
  const tree = main === undefined ? null : readConfigTree(parsed(main), others.map(parsed));
  const told = (name: string): string | null => {
    const value = tree === null ? null : optionValue(tree, 'server', name);
    return value === null || value.length > maxPathLength ? null : value;
  };
  const port = Number(told('port') ?? defaults.port);
  const named = dataPath ?? /^(\/.+)\/config\/[^/]+$/.exec(configPath)?.[1] ?? null;
  const folder = named !== null && named.length > maxPathLength ? null : named;
  const socket = told('klippy_uds_address')?.replace(/\{\s*data_path\s*\}/g, folder ?? '');
  // "~" is the home of the user that runs Moonraker, which contains its data folder.
  const owner = folder === null ? home : folder.slice(0, folder.lastIndexOf('/'));
  return {
    configPath,
    dataPath: folder,
    host: told('host') ?? defaults.host,
    port: Number.isInteger(port) && port > 0 && port < 65536 ? port : defaults.port,
    klippySocket: socket === undefined ? defaults.klippySocket : socket.replace(/^~(?=\/)/, owner),
  };
}
