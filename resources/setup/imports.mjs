#!/usr/bin/env node
/**
 * A check of the source: no import circles among files (of the tests, too) or folders, `import type` and `import()`
 * included, and nothing in renderer/ imports from a floor above its own. Prints what it finds; exit code 1 for any. Lint
 * has a rule for this that takes a hundred times as long and overlooks `import type`.
 */
import { circles, folderGraph, readImports, upwardImports } from './import-graph.mjs';
import { projectRoot } from './processes.mjs';

const graph = readImports(projectRoot);
const problems = [
  ...circles(graph).map((files) => `circle of files: ${files.join(' -> ')}`),
  ...circles(folderGraph(graph)).map((rooms) => `circle of folders: ${rooms.join(' -> ')}`),
  ...upwardImports(graph).map((arrow) => `upward import: ${arrow}`),
];
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
