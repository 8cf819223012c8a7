import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CanopusError } from '../../app/errors.ts';

export interface RendererFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** The name contains a hash of the content, so it never changes. */
  readonly immutable: boolean;
}

/** Every file of the built renderer by its URL path, `/index.html` first of all. */
export type RendererFiles = ReadonlyMap<string, RendererFile>;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

/**
 * Reads the built renderer into memory. Only these files are served, by exact name: there is no path to escape. Leaves
 * out files of types that the renderer does not use. Throws `file/missing` if there is no `index.html`.
 */
export async function loadRendererFiles(folder: string): Promise<RendererFiles> {
  const files = new Map<string, RendererFile>();
  if (existsSync(folder)) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const contentType = contentTypes[extname(entry.name)];
      if (!entry.isFile() || contentType === undefined) continue;
      const path = join(entry.parentPath, entry.name);
      const url = `/${relative(folder, path).split(sep).join('/')}`;
      files.set(url, { bytes: await readFile(path), contentType, immutable: url.startsWith('/assets/') });
    }
  }
  if (!files.has('/index.html')) {
    throw new CanopusError('file/missing', `There is no built renderer in ${folder}.`, { folder });
  }
  return files;
}

/** The folder of the built renderer: `out/renderer`, searched for from the running program's own folder upward. */
export function rendererFolder(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    for (const candidate of [join(folder, 'renderer'), join(folder, 'out', 'renderer')]) {
      if (existsSync(join(candidate, 'index.html')) && existsSync(join(candidate, 'assets')))
        return candidate;
    }
    if (dirname(folder) === folder) return join(dirname(from), 'renderer');
  }
}
