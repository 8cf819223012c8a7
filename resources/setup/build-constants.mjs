import { readFileSync } from 'node:fs';

/** What is put into every program at build: its version, and the public keys of its makers (docs/releases.md). */
export function buildConstants() {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const keys = (process.env['CANOPUS_UPDATE_KEYS'] ?? '').split(/[ ,]+/).filter((key) => key !== '');
  return {
    __CANOPUS_VERSION__: JSON.stringify(version),
    __CANOPUS_RELEASE_KEYS__: JSON.stringify(keys.join(' ')),
  };
}
