import type { BackupView } from '../../../../app/contract/station-contract.ts';
import { presetNamed, uid } from '../../samples.ts';

/** A backup of an Octopus with an F446 that reports its UID, by default. */
export function backup(changes: Partial<BackupView> = {}): BackupView {
  return {
    ...{ format: 1, id: '20260504-080000-3fa2', at: '2026-05-04T08:00:00.000Z', sha256: 'c'.repeat(64) },
    ...{ flashBytes: 512 * 1024, durationMs: 4000, file: null, place: 'usb:1-4.2', virtual: false, uid },
    ...{ dfuSerial: 'STM32FxSTM32', presetId: presetNamed(/Octopus v1/).id, variantId: 'f446', runId: 1 },
    ...changes,
  };
}
