/** Put in when a package is built (docs/releases.md); a checkout has none. */
declare const __CANOPUS_RELEASE_KEYS__: string | undefined;

/** The keys that sign what the makers of this program publish: raw Ed25519 public keys, as hex. */
export const releaseKeys: readonly string[] =
  typeof __CANOPUS_RELEASE_KEYS__ === 'string'
    ? __CANOPUS_RELEASE_KEYS__.split(' ').filter((key) => /^[0-9a-f]{64}$/.test(key))
    : [];
