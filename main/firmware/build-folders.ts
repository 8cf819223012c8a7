import { randomBytes } from 'node:crypto';
import { CanopusError } from '../../app/errors.ts';
import { runScript } from './build-machine.ts';
import type { BuildMachine } from './build-machine.ts';
import { inUse, ownerName } from './build-owner.ts';

/**
 * The folder of one build on its machine: `.config`, `out/`, `home/` and `tmp/` for anything that the tools leave, and
 * `group`, the process group of the build. Its name holds the process and computer that own it, so that the folder of a
 * dead owner is recognised, however early it died.
 */
interface BuildFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder for one build. Throws what the shell throws and `build/bad-folder`. */
export async function makeBuildFolder(machine: BuildMachine, signal?: AbortSignal): Promise<BuildFolder> {
  // GNU make splits its words at spaces, and the shells that Makefiles start interpret the rest.
  if (!/^\/[\w@%+=:,./-]*$/.test(machine.root)) {
    const message = `make cannot work in "${machine.root}": its path may contain only letters, digits and simple characters`;
    throw new CanopusError('build/bad-folder', message, { path: machine.root });
  }
  const name = `${await ownerName()}-${randomBytes(4).toString('hex')}`;
  const path = `${machine.root}/builds/${name}`;
  inUse.add(name);
  await runScript(machine.shell, 'mkdir -p "$1/home" "$1/tmp"', [path], {
    signal,
    failure: { code: 'file/unwritable', doing: `make ${path}` },
  });
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      // From here on a sweep may take it: if the connection is lost, nothing else can.
      inUse.delete(name);
      await machine.shell.remove(path).catch(() => undefined);
    },
  };
}
