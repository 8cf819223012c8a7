/** One symbol that kconfig did not resolve to what the recipe needs. */
export interface ConfigDifference {
  readonly symbol: string;
  readonly asked: string;
  /** Null if the resolved configuration lacks the symbol. */
  readonly got: string | null;
  /** `asked`: it was in the fragment. `derived`: it had to follow. */
  readonly origin: 'asked' | 'derived';
  /** Whether any Kconfig file of the tree defines it; null if not checked. */
  readonly known: boolean | null;
}
