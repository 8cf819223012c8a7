import { backupSeconds } from '../../../app/backups/backup-time.ts';
import type { BackupView, PresetView, StationClient } from '../../../app/contract/station-contract.ts';
import { isMcuName, maxFlashKiB } from '../../../app/mcu/mcu.ts';

/** Flash size of a board variant in bytes: from the preset, or else the largest of its MCU. */
export function flashBytesOf(preset: PresetView | null, variantId: string): number | null {
  const variant = preset?.variants.find(({ id }) => id === variantId);
  if (variant === undefined) return null;
  const { mcu, flashKiB } = variant;
  const kib = flashKiB.value ?? (isMcuName(mcu.value) ? maxFlashKiB(mcu.value) : null);
  return kib === null ? null : kib * 1024;
}

/** How long a backup takes on this computer, at the speed of the last backup of such a board, if any. */
export class BackupOffer {
  #last: BackupView | null = $state.raw(null);
  readonly #client: StationClient;

  constructor(client: StationClient) {
    this.#client = client;
  }

  /** Looks for the last backup. If the station cannot say, the speed of ST's ROM is assumed. */
  async load(isVirtual: boolean): Promise<void> {
    try {
      const { backups } = await this.#client.call('backups.list', { uid: null });
      this.#last = backups.find(({ virtual }) => virtual === isVirtual) ?? null;
    } catch {
      this.#last = null;
    }
  }

  seconds(flashBytes: number): number {
    return backupSeconds(flashBytes, this.#last);
  }
}
