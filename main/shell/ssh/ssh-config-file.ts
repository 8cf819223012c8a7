import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { CanopusError } from '../../../app/errors.ts';
import { splitConfigLine, type SshConfigEntry } from '../../../app/pi/ssh-config-line.ts';
import { hasMagic, matchesGlob } from '../../../app/printer-config/config-glob.ts';
import { systemErrorCode } from '../../files/file-errors.ts';
import type { SshAccess } from './ssh-access.ts';

/** As OpenSSH allows (readconf.c, READCONF_MAX_DEPTH). */
const maxDepth = 16;

/**
 * The entries of an ssh_config file and of the files that it includes; none if there is no such file. Throws
 * `ssh/config-unreadable`.
 */
export async function readSshConfigFile(
  path: string,
  access: Pick<SshAccess, 'homeDirectory'>,
  depth = 0,
): Promise<SshConfigEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = systemErrorCode(error) ?? 'unknown';
    if (reason === 'ENOENT' || reason === 'ENOTDIR') return [];
    const message = `cannot read ${path} (${reason})`;
    throw new CanopusError('ssh/config-unreadable', message, { path, reason }, { cause: error });
  }
  const entries = await Promise.all(
    text.split(/\r?\n/).map(async (line, index): Promise<SshConfigEntry[]> => {
      const entry = splitConfigLine(line);
      if (entry === null) return [];
      if (entry.keyword !== 'include') return [{ ...entry, place: `${path}:${index + 1}` }];
      if (depth >= maxDepth) {
        const message = `${path}:${index + 1} includes files more than ${maxDepth} deep, or in a circle`;
        throw new CanopusError('ssh/config-unreadable', message, { path });
      }
      const files = (
        await Promise.all(entry.words.map((word) => filesOf(word, access.homeDirectory)))
      ).flat();
      return Promise.all(
        files.map(async (file) => ({ included: await readSshConfigFile(file, access, depth + 1) })),
      );
    }),
  );
  return entries.flat();
}

/** The files that an `Include` names; relative to ~/.ssh, wildcards in the last part only. */
async function filesOf(word: string, homeDirectory: string): Promise<string[]> {
  const told = word.startsWith('~/') ? join(homeDirectory, word.slice(2)) : word;
  const path = isAbsolute(told) ? told : join(homeDirectory, '.ssh', told);
  const pattern = basename(path);
  if (!hasMagic(pattern)) return [path];
  const names = await readdir(dirname(path)).catch((): string[] => []);
  return names
    .filter((name) => matchesGlob(name, pattern))
    .sort()
    .map((name) => join(dirname(path), name));
}
