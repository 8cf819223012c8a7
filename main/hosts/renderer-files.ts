import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
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
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      add(files, relative(folder, path).split(sep).join('/'), await readFile(path));
    }
  }
  return withIndex(files, folder);
}

/**
 * The renderer of this program: inside of it if it is one file (resources/setup/program.mjs), else beside it. Throws
 * `file/missing`.
 */
export async function ownRendererFiles(): Promise<RendererFiles> {
  const sea = process.getBuiltinModule('node:sea');
  if (!sea.isSea()) return loadRendererFiles(rendererFolder());
  const files = new Map<string, RendererFile>();
  for (const name of z.array(z.string()).parse(JSON.parse(sea.getAsset('names.json', 'utf8')))) {
    add(files, name, new Uint8Array(sea.getRawAsset(name) as ArrayBuffer));
  }
  return withIndex(files, process.execPath);
}

function add(files: Map<string, RendererFile>, name: string, bytes: Uint8Array): void {
  const contentType = contentTypes[extname(name)];
  if (contentType === undefined) return;
  files.set(`/${name}`, { bytes, contentType, immutable: name.startsWith('assets/') });
}

function withIndex(files: RendererFiles, folder: string): RendererFiles {
  if (files.has('/index.html')) return files;
  throw new CanopusError('file/missing', `There is no built renderer in ${folder}.`, { folder });
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
