/** A value that crossed the contract, or will: neither side may rely on changing it. */
export type Plain<T> = T extends readonly (infer U)[]
  ? number extends T['length']
    ? readonly Plain<U>[]
    : { readonly [K in keyof T]: Plain<T[K]> }
  : T extends object
    ? { readonly [K in keyof T]: Plain<T[K]> }
    : T;
