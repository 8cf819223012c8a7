import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/**
 * The floors of the renderer, the roof first: a file may import from its own floor and from those below. `shell` is the
 * former name of `window`.
 */
const rendererFloors = [
  ['main'],
  ['window', 'shell'],
  ['features'],
  ['station'],
  ['ui'],
  ['texts'],
  ['navigation'],
];

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*['"](\.[^'"]+)['"]|(?:^|\n)\s*import\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/g;

/**
 * Nodes with what they point to.
 *
 * @typedef {ReadonlyMap<string, ReadonlySet<string>>} Graph
 */

/**
 * Every source file with the project files that it imports by a relative path.
 *
 * @param {string} root
 */
export function readImports(root) {
  const listed = execFileSync(
    'git',
    ['ls-files', '-co', '--exclude-standard', '--', 'app', 'main', 'renderer', 'test'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const files = listed.split('\n').filter((file) => /\.(ts|svelte)$/.test(file));
  /** @type {Map<string, Set<string>>} */
  const graph = new Map();
  for (const file of files) {
    if (!existsSync(join(root, file))) continue;
    const text = readFileSync(join(root, file), 'utf8');
    const imported = [...text.matchAll(importPattern)]
      .map((match) =>
        normalize(join(dirname(file), (match[1] ?? match[2] ?? match[3] ?? '').replace(/\?.*$/, ''))),
      )
      .filter((target) => /\.(ts|svelte)$/.test(target) && target !== file);
    graph.set(file, new Set(imported));
  }
  return graph;
}

/**
 * Groups of nodes that reach each other, by Tarjan's algorithm.
 *
 * @param {Graph} graph
 */
export function circles(graph) {
  /** @typedef {{ index: number, low: number, onStack: boolean }} Visit */
  /** @type {{ index: number, stack: string[], seen: Map<string, Visit>, found: string[][] }} */
  const state = { index: 0, stack: [], seen: new Map(), found: [] };
  /**
   * @param {string} node
   * @returns {Visit}
   */
  const visit = (node) => {
    const own = { index: state.index, low: state.index, onStack: true };
    state.index += 1;
    state.seen.set(node, own);
    state.stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!graph.has(next)) continue;
      const other = state.seen.get(next) ?? visit(next);
      if (other.onStack) own.low = Math.min(own.low, other.low);
    }
    if (own.low === own.index) {
      const group = state.stack.splice(state.stack.indexOf(node));
      for (const member of group) {
        const seen = state.seen.get(member);
        if (seen) seen.onStack = false;
      }
      if (group.length > 1) state.found.push(group.reverse());
    }
    return own;
  };
  for (const node of graph.keys()) if (!state.seen.has(node)) visit(node);
  return state.found;
}

/**
 * The same graph between folders; files directly in a folder belong to it, folders within are rooms of their own.
 *
 * @param {Graph} graph
 */
export function folderGraph(graph) {
  /** @type {Map<string, Set<string>>} */
  const rooms = new Map();
  for (const [file, imported] of graph) {
    if (file.startsWith('test/')) continue;
    const room = roomOf(file);
    const edges = rooms.get(room) ?? new Set();
    for (const target of imported) if (roomOf(target) !== room) edges.add(roomOf(target));
    rooms.set(room, edges);
  }
  return rooms;
}

/**
 * `app/pi/plan.ts` -> `app/pi`; `app/errors.ts` is the door of the room `app/errors`.
 *
 * @param {string} file
 */
function roomOf(file) {
  const [wing, room = ''] = file.split('/');
  return `${wing}/${room.replace(/\.(ts|svelte)$/, '')}`;
}

/** @param {Graph} graph */
export function upwardImports(graph) {
  /** @param {string} file */
  const floorOf = (file) => {
    const [wing, second = ''] = file.split('/');
    return wing === 'renderer'
      ? rendererFloors.findIndex((names) => names.includes(second.replace(/\.ts$/, '')))
      : -1;
  };
  const found = [];
  for (const [file, imported] of graph) {
    const from = floorOf(file);
    for (const target of imported) {
      const to = floorOf(target);
      if (from >= 0 && to >= 0 && to < from) found.push(`${file} -> ${target}`);
    }
  }
  return found;
}
