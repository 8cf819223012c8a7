#!/usr/bin/env node
/**
 * Prints what docs/structure.md states of a tree, as Markdown: `node resources/setup/structure.mjs [ROOT]`. ROOT may be a
 * work tree of an older commit. Lines are sorted by how they begin, so a template string that begins a line like a
 * comment counts as one.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createServer, createServerModuleRunner } from 'vite';
import { circles, folderGraph, readImports, upwardImports } from './import-graph.mjs';
import { projectRoot } from './processes.mjs';

/** @typedef {{ files: number, code: number, comment: number, blank: number }} Lines */

const root = resolve(process.argv[2] ?? projectRoot);
const files = execFileSync('git', ['ls-files', '--', 'app', 'main', 'renderer', 'test'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|svelte|sh|py)$/.test(file));
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

/**
 * @param {string} file
 * @param {string} text
 * @returns {Lines}
 */
function countLines(file, text) {
  const count = { files: 1, code: 0, comment: 0, blank: 0 };
  const hash = /\.(sh|py)$/.test(file);
  let end = '';
  for (const raw of text.replace(/\n$/, '').split('\n')) {
    const line = raw.trim();
    if (end !== '') {
      count.comment += 1;
      if (line.includes(end)) end = '';
    } else if (line === '') count.blank += 1;
    else if (hash ? line.startsWith('#') : line.startsWith('//')) count.comment += 1;
    else if (!hash && (line.startsWith('/*') || line.startsWith('<!--'))) {
      count.comment += 1;
      const close = line.startsWith('/*') ? '*/' : '-->';
      if (!line.includes(close)) end = close;
    } else count.code += 1;
  }
  return count;
}

/** @param {string} file */
function folderOf(file) {
  const parts = file.split('/');
  return parts.length > 2 ? parts.slice(0, 2).join('/') : `${parts[0]} itself`;
}

/** @type {Map<string, Lines>} */
const folders = new Map();
for (const [file, text] of texts) {
  const counted = countLines(file, text);
  for (const name of [folderOf(file), `**${file.split('/')[0]}**`]) {
    const sum = folders.get(name) ?? { files: 0, code: 0, comment: 0, blank: 0 };
    for (const key of /** @type {const} */ (['files', 'code', 'comment', 'blank'])) sum[key] += counted[key];
    folders.set(name, sum);
  }
}

console.log('| folder | files | lines | code | comment | blank |\n|---|---|---|---|---|---|');
const order = [...folders].sort(([a], [b]) => (a.replaceAll('*', '') < b.replaceAll('*', '') ? -1 : 1));
for (const [name, { files: count, code, comment, blank }] of order) {
  console.log(`| ${name} | ${count} | ${code + comment + blank} | ${code} | ${comment} | ${blank} |`);
}

const source = files.filter((file) => !file.startsWith('test/'));
/** @param {string} file */
const lengthOf = (file) => (texts.get(file) ?? '').split('\n').length - 1;
const lengths = source.map(lengthOf).sort((a, b) => a - b);
const graph = readImports(root);
const sourceGraph = new Map([...graph].filter(([file]) => !file.startsWith('test/')));
/** @param {string} file */
const namesPort = (file) => /\bportPath\b/.test(texts.get(file) ?? '');
const knowsUsb = /^main\/(devices|sim|jobs)\/|^app\/(boards|place)/;
const { errorCodes, entries } = await loadTables();
const escapes = source.flatMap(
  (file) => texts.get(file)?.match(/eslint-disable|@ts-(?:expect-error|ignore|nocheck)/g) ?? [],
);

/** @type {[string, string | number][]} */
const facts = [
  ['source files', source.length],
  ['median lines of a file', lengths[Math.floor(lengths.length / 2)] ?? 0],
  ['files above 150 lines', lengths.filter((length) => length > 150).length],
  ['files above 300 lines', lengths.filter((length) => length > 300).length],
  ['circles of source files, `import type` included', circles(sourceGraph).length],
  ['circles of folders', circles(folderGraph(graph)).length],
  ['imports of a floor above, renderer', upwardImports(graph).length],
  ['imports of the wrong wing', wrongWing()],
  ['source files that name `portPath`', source.filter(namesPort).length],
  [
    'of these above devices, boards, jobs and simulation',
    source.filter((f) => namesPort(f) && !knowsUsb.test(f)).length,
  ],
  ['error codes', errorCodes.length],
  ['entries of the contract', entries.length],
  ['of these streams', entries.filter((entry) => 'event' in entry).length],
  ['exceptions from lint or types', escapes.length],
];
console.log('\n| fact | value |\n|---|---|');
for (const [name, value] of facts) console.log(`| ${name} | ${value} |`);

function wrongWing() {
  const allowed = { app: ['app'], main: ['app', 'main'], renderer: ['app', 'renderer'] };
  let found = 0;
  for (const [file, imported] of sourceGraph) {
    const wing = /** @type {keyof typeof allowed} */ (file.split('/')[0]);
    for (const target of imported) {
      const other = target.split('/')[0] ?? '';
      if (other in allowed && !allowed[wing].includes(other)) found += 1;
    }
  }
  return found;
}

/** The tables of errors and of the contract, as the tree itself exports them. */
async function loadTables() {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    oxc: { target: 'node20' },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
  try {
    const errors = /** @type {{ errorCodes: readonly string[] }} */ (
      await runner.import(join(root, 'app/errors.ts'))
    );
    const contract = /** @type {{ stationContract: Readonly<Record<string, object>> }} */ (
      await runner.import(join(root, 'app/contract/station-contract.ts'))
    );
    return { errorCodes: errors.errorCodes, entries: Object.values(contract.stationContract) };
  } finally {
    await runner.close();
    await server.close();
  }
}
