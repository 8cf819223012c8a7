import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What a person, their desktop or their CI may have set for programs other than ours: ssh's agent, locale, folders, git
 * and make, start files of shells. A proxy stays: what fetches packages for the tests may have no other way.
 */
const foreign =
  /^(?:SSH_.*|LANG|LANGUAGE|LC_.*|XDG_(?!RUNTIME_DIR$).*|GIT_.*|MAKEFLAGS|MAKELEVEL|MFLAGS|ENV|BASH_ENV|CDPATH|GREP_.*|POSIXLY_CORRECT|PYTHON(?:PATH|HOME|STARTUP|UTF8)|CANOPUS_(?:DATA|ROOT|STATE)|COLUMNS|LINES)$/i;

const home = join(fileURLToPath(new URL('../', import.meta.url)), 'out', 'test-home');

/**
 * Makes this process, and with it every worker and program of the tests, independent of who runs it where: English, UTC,
 * an empty home, no agent, no configuration of git, files that others may read. Called before a worker starts, because
 * the locale counts at the start of a process only.
 */
export function neutralizeEnvironment() {
  for (const name of Object.keys(process.env))
    if (foreign.test(name)) Reflect.deleteProperty(process.env, name);
  mkdirSync(home, { recursive: true });
  Object.assign(process.env, { HOME: home, USERPROFILE: home, TZ: 'UTC', GIT_CONFIG_NOSYSTEM: '1' });
  const direct = [process.env['NO_PROXY'] ?? process.env['no_proxy'], '127.0.0.1', 'localhost'].filter(
    Boolean,
  );
  Object.assign(process.env, { NO_PROXY: direct.join(','), no_proxy: direct.join(',') });
  // With a folder in its PATH that it may not enter, a shell calls an unknown program forbidden.
  process.env['PATH'] = (process.env['PATH'] ?? '').split(delimiter).filter(mayEnter).join(delimiter);
  process.umask(0o022);
}

/** @param {string} folder */
function mayEnter(folder) {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
