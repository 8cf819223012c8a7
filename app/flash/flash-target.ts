/** What a chip reports about itself before anything is erased. */
export interface FlashTarget {
  /** Of the flash that its ROM writes; null if it could not be found out. */
  readonly flashBytes: number | null;
  /** Upper-case hex digits; null if the ROM does not report it or was not asked. */
  readonly uid: string | null;
}
