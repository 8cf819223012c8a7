import type { MemoryLayout } from '../protocols/dfuse/memory-layout.ts';

/** What the chip reports about itself before anything is erased. */
export interface DfuTarget {
  /** From the chip's own description; it can contradict a choice of MCU, not make one. */
  readonly layout: MemoryLayout;
  /** Of the flash that starts at 0x08000000. */
  readonly flashBytes: number;
  /** 24 upper-case hex digits; null if the ROM does not report it or was not asked. */
  readonly uid: string | null;
}
