import type { MemoryLayout } from '../protocols/dfuse/memory-layout.ts';

/** What the chip says of itself before anything is erased. */
export interface DfuTarget {
  /** As the chip's own description has it; it can contradict a choice of MCU, not make one. */
  readonly layout: MemoryLayout;
  /** Of the flash that begins at 0x08000000. */
  readonly flashBytes: number;
  /** 24 upper-case hex digits, or null where the ROM does not tell or was not asked. */
  readonly uid: string | null;
}
