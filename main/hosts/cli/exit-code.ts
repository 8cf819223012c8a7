import type { CanopusError, ErrorCode } from '../../../app/errors.ts';

/** Exit codes of the command line; scripts depend on them. */
export const exitCodes = {
  done: 0,
  usage: 2,
  /** A check said no before anything was written. */
  refused: 3,
  /** The device was not found or was lost. */
  device: 4,
  failed: 5,
  cancelled: 130,
} as const;

const usageCodes = new Set<ErrorCode>([
  'usage/invalid',
  'preset/unknown',
  'preset/invalid',
  'uid/invalid',
  'chip/bad-marking',
  'bench/bad-map',
  'bench/bad-recipe',
  'bench/overlapping-recipes',
  'bench/unknown-slot',
  'image/unreadable',
  'file/unreadable',
  'file/missing',
  'recipe/invalid',
  'recipe/conflict',
  'source/invalid',
  'source/not-firmware',
  'source/unknown-ref',
  'source/not-on-pi',
  'cache/unknown-image',
  'history/unknown-run',
  'history/unknown-board',
  'build/no-builder',
  'build/bad-folder',
]);

/** Refusals of a build: nothing was made that could be mistaken for what was asked for. */
const refusedBuilds = new Set<ErrorCode>([
  'recipe/no-bridge',
  'recipe/not-confirmed',
  'toolchain/missing',
  'toolchain/too-old',
  'build/unknown-mcu',
  'build/config-refused',
  'build/known-fault',
  'build/image-mismatch',
  'build/printing',
  'cache/bad-bundle',
]);

/** Checks on a Pi that said no. */
const piRefusals = new Set<ErrorCode>([
  'pi/not-a-pi',
  'pi/printing',
  'pi/print-state-unknown',
  'pi/no-network-stack',
  'pi/no-printer-config',
  'pi/several-printers',
  'pi/sudo-missing',
  'pi/unfinished',
  'pi/changed-since-plan',
  'pi/edited-since',
  'pi/no-journal',
  'config/auto-saved',
  'config/invalid-value',
]);

/** The exit code for a failure: by what it means for a script, and `refused` only while the board is untouched. */
export function exitCodeFor(error: CanopusError): number {
  const { code } = error;
  if (code === 'cancelled') return exitCodes.cancelled;
  if (usageCodes.has(code)) return exitCodes.usage;
  if (code === 'link/gone' || code.startsWith('device/')) return exitCodes.device;
  if (refusedBuilds.has(code)) return exitCodes.refused;
  if (code.startsWith('ssh/') || code === 'shell/lost') return exitCodes.device;
  if (piRefusals.has(code) && (error.state === null || error.state === 'pi-untouched'))
    return exitCodes.refused;
  const checked =
    code.startsWith('image/') ||
    code.startsWith('chip/') ||
    code === 'katapult/wrong-mcu' ||
    code === 'katapult/wrong-address' ||
    code === 'dfu/read-protected' ||
    code === 'dfu/unprotect-not-confirmed' ||
    code === 'bench/not-confirmed' ||
    code === 'identity/conflict';
  if (checked && (error.state === null || error.state === 'untouched')) return exitCodes.refused;
  return exitCodes.failed;
}
