import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './processes.mjs';

/**
 * Something of others in a package of Canopus. `parts` says in what: `desktop`, `window` and `command line` have it
 * bundled, `package` beside the bundle, `native` compiled into a module that another package brings.
 *
 * @typedef {{ name: string, version: string, licence: string, text: string, parts: string[], purl: string, hash?: string }} Component
 */

/** What the bundlers have written about what they bundled. @type {Readonly<Record<string, string>>} */
export const bundles = {
  desktop: 'out/main/licences.json',
  window: 'out/renderer/licences.json',
  'command line': 'out/program/licences.json',
};

/** Packages that the lock file lists and a package of Canopus does not have. */
const leftOut = /^(?:@types\/.*|nan|buildcheck|cpu-features)$/;

/**
 * Everything of others in a package, by name. Throws if a licence has no text here.
 *
 * @returns {Component[]}
 */
export function collectComponents() {
  /** @type {Map<string, Component>} */
  const found = new Map();
  /** @param {Component} component */
  const add = (component) => {
    const key = `${component.name}@${component.version}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, component);
    else known.parts = [...new Set([...known.parts, ...component.parts])];
  };
  for (const [part, file] of Object.entries(bundles)) {
    /** @type {{ name: string, version: string }[]} */
    const entries = JSON.parse(readFileSync(join(projectRoot, file), 'utf8'));
    for (const { name, version } of entries) add(installed(name, version, part));
  }
  for (const { name, version } of runtimePackages()) add(installed(name, version, 'package'));
  for (const component of others()) add(component);
  return [...found.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** @typedef {{ version?: string, dev?: boolean, integrity?: string }} Locked */

/** @returns {Readonly<Record<string, Locked>>} */
function lockedPackages() {
  /** @type {{ packages: Record<string, Locked> }} */
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8'));
  return lock.packages;
}

/** The packages that are not bundled, and what they need. */
function runtimePackages() {
  return Object.entries(lockedPackages())
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version = '' }]) => ({ name: nameOf(path), version }))
    .filter(({ name }) => !leftOut.test(name));
}

/** @param {string} path of a folder below node_modules */
function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/**
 * @param {string} name
 * @param {string} version
 * @param {string} part
 * @returns {Component}
 */
function installed(name, version, part) {
  const place = Object.entries(lockedPackages()).find(
    ([path, locked]) => path !== '' && nameOf(path) === name && locked.version === version,
  );
  if (place === undefined) throw new Error(`${name} ${version} is bundled and is not in package-lock.json.`);
  const folder = join(projectRoot, place[0]);
  /** @type {{ license?: string, licenses?: { type: string }[] }} */
  const { license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const licence = license ?? licenses?.[0]?.type ?? '';
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const { integrity } = place[1];
  const hash = integrity === undefined ? {} : { hash: integrity };
  return { name, version, licence, text: licenceText(folder, name), parts: [part], purl, ...hash };
}

/**
 * @param {string} folder
 * @param {string} name
 */
function licenceText(folder, name) {
  const file = readdirSync(folder).find((one) => /^(?:licen[cs]e|copying)/i.test(one));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').trim();
  const readme = readdirSync(folder).find((one) => /^readme/i.test(one));
  const kept = join(projectRoot, 'resources', 'packaging', 'licences', `${name.replace('/', '+')}.txt`);
  if (existsSync(kept)) return readFileSync(kept, 'utf8').trim();
  const text = readme === undefined ? '' : readFileSync(join(folder, readme), 'utf8');
  const section = /^#+ *licen[cs]e[^\n]*\n([\s\S]*)/im.exec(text)?.[1]?.trim() ?? '';
  if (/permission is hereby granted|redistribution and use/i.test(section)) return section;
  throw new Error(`${name} has no text of its licence; put one into ${kept}.`);
}

/** What no package manager lists. @returns {Component[]} */
function others() {
  const read = (/** @type {string[]} */ ...path) => readFileSync(join(projectRoot, ...path), 'utf8');
  const usb = join('node_modules', 'usb', 'libusb');
  const header = read(usb, 'libusb', 'version.h');
  const libusb = ['MAJOR', 'MINOR', 'MICRO'].map(
    (part) => new RegExp(`LIBUSB_${part} (\\d+)`).exec(header)?.[1],
  );
  const upstream = join('node_modules', '@photostructure', 'sqlite', 'src', 'upstream');
  const sqlite = /SQLITE_VERSION\s+"([\d.]+)"/.exec(read(upstream, 'sqlite3.h'))?.[1] ?? '';
  /** @type {{ version: string }} */
  const { version: node } = JSON.parse(read('resources', 'setup', 'node-runtimes.json'));
  const offer = read('resources', 'packaging', 'libusb-offer.txt').trim();
  return [
    {
      ...{ name: 'libusb', version: libusb.join('.'), licence: 'LGPL-2.1-or-later', parts: ['native'] },
      ...{
        text: `${offer}\n\n${read(usb, 'COPYING').trim()}`,
        purl: `pkg:github/libusb/libusb@v${libusb.join('.')}`,
      },
    },
    {
      ...{ name: 'SQLite', version: sqlite, licence: 'blessing', parts: ['native'] },
      ...{
        text: read('resources', 'packaging', 'licences', 'SQLite.txt').trim(),
        purl: `pkg:generic/sqlite@${sqlite}`,
      },
    },
    {
      ...{ name: 'Node.js', version: node, licence: 'MIT', parts: ['command line'] },
      ...{
        text: read('resources', 'packaging', 'licences', 'Node.js.txt').trim(),
        purl: `pkg:generic/node@${node}`,
      },
    },
    // Its style sheet is in the window's, which the bundler does not count.
    installed('tailwindcss', lockedVersion('tailwindcss'), 'window'),
  ];
}

/** @param {string} name */
function lockedVersion(name) {
  return lockedPackages()[`node_modules/${name}`]?.version ?? '';
}
