/** One symbol that kconfig did not resolve to what the recipe needs. */
export interface ConfigDifference {
  readonly symbol: string;
  readonly asked: string;
  /** Null where the resolved configuration does not have the symbol at all. */
  readonly got: string | null;
  /** `asked`: it was in the fragment. `derived`: it had to follow. */
  readonly origin: 'asked' | 'derived';
  /** Whether any Kconfig file of the tree defines it; null if not looked for. */
  readonly known: boolean | null;
}
