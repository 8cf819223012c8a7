import type { Sector } from '../protocols/dfuse/sectors.ts';

/** What a flasher is busy with. The order in which a run passes through them is fixed per flasher. */
export type Phase = 'connect' | 'check' | 'backup' | 'unprotect' | 'erase' | 'write' | 'verify' | 'leave';

/** `bytesDone` never exceeds `bytesTotal`. Percent, speed and time left are derived by whoever shows them. */
export type FlashEvent =
  | { type: 'phase'; phase: Phase; safeToStop: boolean }
  | { type: 'target'; mcu: string | null; bootloader: string }
  | { type: 'progress'; phase: Phase; bytesDone: number; bytesTotal: number }
  /** The sectors that are about to be erased, where an image does not say which. */
  | { type: 'erasing'; sectors: readonly Sector[] }
  | { type: 'note'; text: string };

export interface FlashReport {
  readonly bytesWritten: number;
  /** Equal to `bytesWritten`: a run that could not read everything back throws instead. */
  readonly bytesVerified: number;
  /** At most: a bootloader that leaves blank sectors alone does not say which. */
  readonly sectorsErased: number;
  /** Of the image as it was given, lower-case hex. */
  readonly sha256: string;
  /** The chip's unique id where the bootloader told it, 24 upper-case hex digits. */
  readonly uid: string | null;
}

/** Of a write through a bootloader. */
export interface InstallReport extends FlashReport {
  /**
   * `installed`: written and read back. `protection-removed`: the chip erased itself whole and drops off; wait until it
   * is back in the same bootloader and write once more. Nothing was written.
   */
  readonly outcome: 'installed' | 'protection-removed';
}

export type InstallRun = AsyncGenerator<FlashEvent, InstallReport, void>;

export type FlashRun = AsyncGenerator<FlashEvent, FlashReport, void>;
