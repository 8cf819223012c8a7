import { backupSeconds } from '../../../app/backups/backup-time.ts';
import type { BackupView, PresetView, StationClient } from '../../../app/contract/station-contract.ts';
import { isMcuName, maxFlashKiB } from '../../../app/mcu/mcu.ts';

/** Bytes of flash on a variant of a board: as the preset has it, else the most with which its MCU is sold. */
export function flashBytesOf(preset: PresetView | null, variantId: string): number | null {
  const variant = preset?.variants.find(({ id }) => id === variantId);
  if (variant === undefined) return null;
  const { mcu, flashKiB } = variant;
  const kib = flashKiB.value ?? (isMcuName(mcu.value) ? maxFlashKiB(mcu.value) : null);
  return kib === null ? null : kib * 1024;
}

/** How long a backup takes on this computer: at the speed of the last one of such a board, where there was one. */
export class BackupOffer {
  #last: BackupView | null = $state.raw(null);
  readonly #client: StationClient;

  constructor(client: StationClient) {
    this.#client = client;
  }

  /** Looks for the last backup. Where that cannot be told the speed of ST's ROM counts. */
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
