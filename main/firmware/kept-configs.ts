import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatKconfig, parseKconfig } from '../../app/build/kconfig.ts';
import type { KconfigValues } from '../../app/build/kconfig.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import { sha256Of } from '../files/hashed-json.ts';
import { makeFolder } from '../files/make-folder.ts';

const forgetAfterMs = 30 * 24 * 3_600_000;

/**
 * The result of olddefconfig for a fragment in a source tree, remembered on disk: it depends on those two alone, and
 * without it every lookup in the image cache would need a checked-out tree and a run of Python.
 */
export class KeptConfigs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Null if it is unknown, or the file is damaged. */
  async get(key: string): Promise<KconfigValues | null> {
    const content = await readFile(join(this.#folder, sha256Of(Buffer.from(key))), 'utf8').catch(() => '');
    const body = content.slice(65);
    return content.slice(0, 64) === sha256Of(Buffer.from(body)) ? parseKconfig(body) : null;
  }

  async put(key: string, config: KconfigValues): Promise<void> {
    const body = formatKconfig(config);
    await makeFolder(this.#folder);
    const content = Buffer.from(`${sha256Of(Buffer.from(body))}\n${body}`);
    await writeFileAtomically(join(this.#folder, sha256Of(Buffer.from(key))), content);
  }

  /** Forgets old results; they are quickly computed again. */
  async prune(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name);
      const age = await stat(path).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > forgetAfterMs) await rm(path, { force: true });
    }
  }
}
