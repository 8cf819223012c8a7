/**
 * The environment for every git command: never asks, takes no locks in a user's tree, uses only transports that cannot
 * be made to run commands (git-config(1), protocol.allow).
 */
export const gitEnvironment = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
  GIT_ASKPASS: 'true',
  GCM_INTERACTIVE: 'never',
  GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=15',
} as const;

/** How many digits of the commit a version text shows: 9 in `v0.13.0-730-g84104bbbd`; null if it shows none. */
export function abbreviationOf(version: string): number | null {
  const [, tagged, alone] = /(?:-g([0-9a-f]{4,40})|^([0-9a-f]{4,40}))(?:-dirty)?$/.exec(version) ?? [];
  const digits = (tagged ?? alone)?.length;
  return digits ?? null;
}

/**
 * How many digits to show for a commit with this many commits behind it. Git decides by the number of objects in the
 * clone, so two clones of one commit may spell its version, and with it the image, differently. This depends on the
 * commit alone: git's formula (half the bits of the object count, rounded up, at least 7) for 16 objects per commit.
 * For Klipper and Katapult that gives the digits of a plain clone.
 */
export function abbreviationFor(commits: number): number {
  const objects = Math.max(1, commits * 16);
  return Math.max(7, Math.ceil((Math.floor(Math.log2(objects)) + 1) / 2));
}
