#!/usr/bin/env node
/**
 * A check of what a package of Canopus contains: every part of others is listed in resources/packaging/components.json
 * with its licence, and nothing else is listed. Reads what the bundlers wrote; exit code 77 if nothing was built yet.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundles, collectComponents } from './components.mjs';
import { projectRoot } from './processes.mjs';

/** Licences that may be added without a word: permissive, and what they ask for is done by the notices. */
const permissive = new Set([
  ...[
    'MIT',
    'ISC',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'Apache-2.0',
    '0BSD',
    'Unlicense',
    'BlueOak-1.0.0',
    'blessing',
  ],
]);

/** What asks for more, and where that is done. */
const others = { 'LGPL-2.1-or-later': ['libusb'] };

/**
 * What is wrong, a sentence each.
 *
 * @param {readonly { name: string, licence: string }[]} components
 * @param {Readonly<Record<string, string>>} listed
 */
export function licenceProblems(components, listed) {
  /** @type {string[]} */
  const problems = [];
  for (const { name, licence } of components) {
    const known = listed[name];
    if (known === undefined) problems.push(`${name} (${licence || 'no licence'}) is not listed.`);
    else if (known !== licence) problems.push(`${name} is listed as ${known} and is ${licence}.`);
    const isAllowed =
      permissive.has(licence) ||
      Object.entries(others).some(([id, names]) => id === licence && names.includes(name));
    if (!isAllowed)
      problems.push(
        `${licence || 'No licence'} of ${name} is not among the licences that a package may have.`,
      );
  }
  const names = new Set(components.map(({ name }) => name));
  for (const name of Object.keys(listed))
    if (!names.has(name)) problems.push(`${name} is listed and is in no package.`);
  return [...new Set(problems)];
}

if (
  process.argv[1] !== undefined &&
  import.meta.url.endsWith('/licences.mjs') &&
  process.argv[1].endsWith('licences.mjs')
) {
  if (Object.values(bundles).every((file) => existsSync(join(projectRoot, file)))) {
    const file = join(projectRoot, 'resources', 'packaging', 'components.json');
    /** @type {Record<string, string>} */
    const listed = JSON.parse(readFileSync(file, 'utf8'));
    const problems = licenceProblems(collectComponents(), listed);
    for (const problem of problems) console.log(problem);
    if (problems.length > 0) console.log(`Read the licence, then change ${file}.`);
    process.exitCode = problems.length === 0 ? 0 : 1;
  } else {
    console.log('Nothing was built yet, so it is not known what a package would contain.');
    process.exitCode = 77;
  }
}
