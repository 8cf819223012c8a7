/** How both firmwares set up the clock of an MCU. */
export interface ClockFacts {
  /** The registers that decide it, in the order of `wordsFor`. */
  readonly registers: readonly ClockRegister[];
  /** What both firmwares write for a crystal, one word per register; null: for the internal oscillator. */
  readonly wordsFor: (crystalHz: number | null) => readonly number[];
  /** The crystal of words that either firmware writes, one per register; 0 for the internal oscillator, null for others. */
  readonly crystalOf: (words: readonly number[]) => number | null;
  /** Whether such a word hardly means anything else in code: then a literal for another crystal contradicts. */
  readonly isDistinct: boolean;
  /** Whether their set-up gives USB its 48 MHz from a crystal; null: from the internal oscillator. */
  readonly runsUsbFrom: (crystalHz: number | null) => boolean;
}

export interface ClockRegister {
  readonly address: number;
  /** What firmware writes first, to undo what ran before. */
  readonly resetValues: readonly number[];
  /** Firmware also changes single bits of it that do not choose the crystal; code does not show the whole value then. */
  readonly isAlsoChanged: boolean;
}
