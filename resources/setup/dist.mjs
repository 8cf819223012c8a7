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
  const updateUrl = process.env['CANOPUS_UPDATE_URL'];
  const updates = updateUrl ? ['-c.publish.provider=generic', `-c.publish.url=${updateUrl}`] : [];
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
