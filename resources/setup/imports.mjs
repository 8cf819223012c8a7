#!/usr/bin/env node
/**
 * A check of the source: no import circles among files (of the tests, too) or folders, `import type` and `import()`
 * included, and nothing in renderer/ imports from a floor above its own. Prints what it finds; exit code 1 for any. Lint
 * has a rule for this that takes a hundred times as long and overlooks `import type`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { projectRoot } from './processes.mjs';

/** The floors of the renderer, the roof first: a file may import from its own floor and from those below. */
const rendererFloors = ['main', 'window', 'features', 'station', 'ui', 'texts', 'navigation'];

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*['"](\.[^'"]+)['"]|(?:^|\n)\s*import\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/g;

/**
 * Nodes with what they point to.
 *
 * @typedef {ReadonlyMap<string, ReadonlySet<string>>} Graph
 */

/** Every source file with the project files that it imports by a relative path. */
function readImports() {
  const listed = execFileSync(
    'git',
    ['ls-files', '-co', '--exclude-standard', '--', 'app', 'main', 'renderer', 'test'],
    {
      cwd: projectRoot,
      encoding: 'utf8',
    },
  );
  const files = listed.split('\n').filter((file) => /\.(ts|svelte)$/.test(file));
  /** @type {Map<string, Set<string>>} */
  const graph = new Map();
  for (const file of files) {
    if (!existsSync(join(projectRoot, file))) continue;
    const text = readFileSync(join(projectRoot, file), 'utf8');
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
function circles(graph) {
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
function folderGraph(graph) {
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
function upwardImports(graph) {
  /** @param {string} file */
  const floorOf = (file) => {
    const [wing, second = ''] = file.split('/');
    return wing === 'renderer' ? rendererFloors.indexOf(second.replace(/\.ts$/, '')) : -1;
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

const graph = readImports();
const problems = [
  ...circles(graph).map((files) => `circle of files: ${files.join(' -> ')}`),
  ...circles(folderGraph(graph)).map((rooms) => `circle of folders: ${rooms.join(' -> ')}`),
  ...upwardImports(graph).map((arrow) => `upward import: ${arrow}`),
];
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
