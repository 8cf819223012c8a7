import { run } from './processes.mjs';

const targets = { linux: '--linux', darwin: '--mac', win32: '--win' };

/**
 * Packs the desktop app for this system into dist/: installers and archives as electron-builder.yml lists them.
 * Arguments go to electron-builder (`npm run dist -- --x64`, `-- --linux deb`). Nothing is uploaded.
 */
export function packDesktop(args) {
  const hasTarget = args.some((arg) => ['--linux', '--mac', '--win', '-l', '-m', '-w'].includes(arg));
  const target = hasTarget ? [] : [targets[process.platform] ?? '--linux'];
  const updates = process.env.CANOPUS_UPDATE_URL
    ? ['-c.publish.provider=generic', `-c.publish.url=${process.env.CANOPUS_UPDATE_URL}`]
    : [];
  return run(process.execPath, [
    'node_modules/electron-builder/out/cli/cli.js',
    ...target,
    ...updates,
    ...args,
    '--publish',
    'never',
  ]);
}
