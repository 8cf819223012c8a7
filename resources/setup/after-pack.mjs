import { join } from 'node:path';
import { makeProgram } from './program.mjs';

/** electron-builder's numbers of processors (builder-util, Arch). */
const processors = ['ia32', 'x64', 'armv7l', 'arm64', 'universal'];

/**
 * electron-builder calls it when a package's files are in place, before fuses and signatures.
 *
 * @param {{ appOutDir: string, arch: number, electronPlatformName: string, packager: { getResourcesDir(folder: string): string } }} context
 */
export default async function afterPack({ appOutDir, arch, electronPlatformName, packager }) {
  const name = electronPlatformName === 'win32' ? 'canopus.exe' : 'canopus';
  const target = `${electronPlatformName}-${processors[arch] ?? ''}`;
  await makeProgram(target, join(packager.getResourcesDir(appOutDir), 'bin', name));
}
