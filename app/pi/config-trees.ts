import { parseConfigFile, type ConfigFile } from '../printer-config/config-file.ts';
import { plainPath } from '../printer-config/config-glob.ts';
import type { ConfigSource } from '../printer-config/config-source.ts';
import { readConfigTree, type ConfigTree } from '../printer-config/config-tree.ts';
import { textOf } from './pi-files.ts';
import type { PiFacts, PiFile } from './facts.ts';

const trees = new WeakMap<PiFacts, Map<string, ConfigTree | null>>();

/** The configuration in the facts, parsed once; null if its main file could not be read. */
export function configTree(facts: PiFacts, mainPath: string): ConfigTree | null {
  const known = trees.get(facts) ?? new Map<string, ConfigTree | null>();
  trees.set(facts, known);
  const tree = known.get(mainPath);
  if (tree !== undefined) return tree;
  const fresh = readTree(facts, mainPath, textOf);
  known.set(mainPath, fresh);
  return fresh;
}

/** The same with texts that replace those in the facts. */
export function readTree(
  facts: PiFacts,
  mainPath: string,
  contentOf: (file: PiFile) => string,
): ConfigTree | null {
  const main = facts.files.get(mainPath);
  if (main === undefined) return null;
  const byName = new Map([...facts.files.values()].map((file) => [plainPath(file.path), file]));
  const unread = new Map([...facts.unread.values()].map((file) => [plainPath(file.path), file]));
  // One file under two names is one file, or an edit of one would undo the edit of the other.
  const parsed = new Map<string, ConfigFile>();
  const parse = (file: PiFile): ConfigFile => {
    const fresh =
      parsed.get(file.realPath) ?? parseConfigFile(file.path, contentOf(file), file.path === mainPath);
    parsed.set(file.realPath, fresh);
    return fresh;
  };
  const source: ConfigSource = {
    names: [...byName.keys(), ...unread.keys()],
    resolve: plainPath,
    deepWildcards: facts.hostSoftware === 'kalico',
    open: (name) => {
      const file = byName.get(name);
      if (file !== undefined) return parse(file);
      const why = unread.get(name)?.why;
      return why === undefined ? 'missing' : why === 'folder' || why === 'dangling' ? why : 'unread';
    },
  };
  return readConfigTree(parse(main), source);
}
