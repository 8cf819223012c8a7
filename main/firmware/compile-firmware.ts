import { causesOf, isNewlibTooNew } from '../../app/build/compiler-line.ts';
import type { LogLevel } from '../../app/build/compiler-line.ts';
import type { FirmwareTarget } from '../../app/build/recipe.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { refuseFullDisk, runMake } from './run-make.ts';
import type { FirmwareMake } from './run-make.ts';

const maxImageBytes = 4 << 20;
const maxErrors = 20;
/** As many as fit in a message; the log has them all. */
const shownErrors = 5;
const images: Readonly<Record<FirmwareTarget, readonly string[]>> = {
  // Katapult was called CanBoot.
  katapult: ['katapult.bin', 'canboot.bin'],
  klipper: ['klipper.bin'],
};

/**
 * Compiles the configured tree and returns the image. Throws `build/failed`, `build/failed-changed` (the tree has
 * changes that may be the cause) or `build/library-too-new`, with the errors of the log; `build/timeout`,
 * `build/no-image`, `file/disk-full`, `cancelled`.
 */
export async function compileFirmware(
  make: FirmwareMake,
  options: { jobs: number; timeoutMs: number },
): Promise<Uint8Array> {
  const errors: string[] = [];
  const onLine = (text: string, level: LogLevel) => {
    if (level === 'error' && errors.length < maxErrors) errors.push(text);
    make.onLine(text, level);
  };
  const result = await runMake({ ...make, onLine }, 'all', options);
  if (result.exitCode !== 0) {
    await refuseFullDisk(make);
    throw buildError(make, result.exitCode, errors);
  }
  return readImage(make);
}

function buildError(make: FirmwareMake, exitCode: number, errors: readonly string[]): CanopusError {
  const causes = causesOf(errors, shownErrors).map((line) => `\n${line}`);
  const where = `${make.target} ${make.version} on ${make.machine.shell.label}`;
  const message = `make could not build ${where} (exit code ${exitCode})${causes.join('')}`;
  const details = { target: make.target, version: make.version, exitCode, errors: [...errors] };
  if (make.target === 'klipper' && isNewlibTooNew(errors))
    return new CanopusError('build/library-too-new', message, details);
  return new CanopusError(make.dirty ? 'build/failed-changed' : 'build/failed', message, details);
}

async function readImage(make: FirmwareMake): Promise<Uint8Array> {
  const names = images[make.target];
  for (const name of names) {
    try {
      const path = `${make.folder}/out/${name}`;
      return await make.machine.shell.readFile(path, { maxBytes: maxImageBytes, signal: make.signal });
    } catch (error) {
      if (!isCanopusError(error, 'file/missing')) throw error;
    }
  }
  const message = `make succeeded but produced no ${names.join(' or ')}`;
  throw new CanopusError('build/no-image', message, { target: make.target });
}
