import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectComponents } from './components.mjs';
import { projectRoot } from './processes.mjs';

/**
 * Writes what of others is in a package, with the texts of their licences, into out/notices: for people, and for
 * `canopus licences` and the window. Needs the bundles of desktop and command line.
 */
export function writeNotices() {
  const components = collectComponents();
  const folder = join(projectRoot, 'out', 'notices');
  mkdirSync(folder, { recursive: true });
  const listed = components.map(({ name, version, licence, text }) => ({ name, version, licence, text }));
  writeFileSync(join(folder, 'notices.json'), JSON.stringify(listed));
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), noticesText(components));
}

/** @param {readonly import('./components.mjs').Component[]} components */
function noticesText(components) {
  const head = `Canopus contains the work of others, which is theirs and under the licences below. Electron and Chromium have files
of their own in this package: LICENSE.electron.txt and LICENSES.chromium.html.`;
  const parts = components.map(({ name, version, licence, text }) => {
    const title = `${name} ${version} (${licence})`;
    return `${title}\n${'-'.repeat(title.length)}\n\n${text}`;
  });
  return `${[head, ...parts].join('\n\n\n')}\n`;
}
