import { run } from './processes.mjs';

/** @type {Readonly<Partial<Record<NodeJS.Platform, string>>>} */
const targets = { linux: '--linux', darwin: '--mac', win32: '--win' };

/**
 * Packs the desktop app for this system into dist/: installers and archives as electron-builder.yml lists them.
 * Arguments go to electron-builder (`npm run dist -- --x64`, `-- --linux deb`). Nothing is uploaded.
 *
 * @param {readonly string[]} args
 */
export function packDesktop(args) {
  const hasTarget = args.some((arg) => ['--linux', '--mac', '--win', '-l', '-m', '-w'].includes(arg));
  const target = hasTarget ? [] : [targets[process.platform] ?? '--linux'];
  // Setting the fuses breaks Electron's own signature, and a Mac with Apple silicon starts nothing without one.
  const hasIdentity = ['CSC_LINK', 'CSC_NAME'].some((name) => process.env[name]);
  const identity = hasIdentity ? [] : ['-c.mac.identity=-'];
  const source = updateSource(process.env);
  const updates = source === null ? [] : [`-c.extraMetadata.canopusUpdates=${source}`];
  return run(process.execPath, [
    'node_modules/electron-builder/out/cli/cli.js',
    ...target,
    ...updates,
    ...identity,
    ...args,
    '--publish',
    'never',
  ]);
}

/**
 * Where a package gets newer versions from: a folder on an https server and the public keys, one or more, that may sign
 * what is there (docs/releases.md). Null if a package has no updates. Throws if it would be unsafe.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function updateSource(env) {
  const url = env['CANOPUS_UPDATE_URL'] ?? '';
  const keys = (env['CANOPUS_UPDATE_KEYS'] ?? '').split(/[ ,]+/).filter((key) => key !== '');
  if (url === '' && keys.length === 0) return null;
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:' || /\s/.test(url)) {
    throw new Error('CANOPUS_UPDATE_URL must be an https address: over http anyone could reply.');
  }
  if (keys.length === 0 || !keys.every((key) => /^[0-9a-f]{64}$/.test(key))) {
    throw new Error('CANOPUS_UPDATE_KEYS must be public keys of 64 hex digits each (docs/releases.md).');
  }
  return [url, ...keys].join(' ');
}
