/** One word for a POSIX shell, whatever is in it. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The command line that sshd hands to the user's login shell. That may be any shell and may print whatever its start
 * files print, so it gets only words that mean the same everywhere, and what follows comes encoded.
 */
export function loginShellLine(script: string): string {
  return `exec sh -c 'eval "$(echo "$0" | base64 -d)"' ${Buffer.from(script).toString('base64')}`;
}

/** The first byte of a line that is ours and not the command's. */
export const markByte = '\x01';

/**
 * Runs `argv` as the leader of a new session, and so of a new process group. Prints a mark with `nonce` on both
 * streams first (on standard error with the group's number), so that the noise of login shells can be told from the
 * command's output. When the command has ended, ends what it left in its group.
 */
export function groupScript(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  nonce: string,
  graceMs: number,
): string {
  const exported = Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  const inner = String.raw`printf '\001%s\n' "$0"; printf '\001%s %s\n' "$0" "$$" >&2; exec "$@"`;
  return [
    ...exported,
    'exec 3<&0 </dev/null',
    // A background command of a shell without job control is no group leader, so setsid does not fork: $! is it.
    `setsid sh -c ${shellWord(inner)} ${nonce} ${argv.map(shellWord).join(' ')} <&3 3<&- &`,
    'p=$!',
    'exec 3<&-',
    'wait $p',
    'r=$?',
    endGroupScript('$p', graceMs),
    'exit $r',
  ].join('\n');
}

/** Ends a process group: SIGTERM, and SIGKILL for what is still there after the grace. */
export function endGroupScript(group: string, graceMs: number): string {
  const turns = Math.ceil(graceMs / 100);
  return [
    // `-s`: dash takes the dashes after `kill -TERM` for a number.
    `if kill -s TERM -- -${group} 2>/dev/null; then`,
    `n=0; while [ $n -lt ${turns} ] && kill -s 0 -- -${group} 2>/dev/null; do n=$((n+1)); sleep 0.1; done`,
    `kill -s KILL -- -${group} 2>/dev/null`,
    'fi',
  ].join('\n');
}

/** Passes on what a stream says after its mark. */
export class MarkedStream {
  readonly #mark: Buffer;
  readonly #onMark: (rest: string) => void;
  readonly #onBytes: (bytes: Uint8Array) => void;
  #before: Buffer = Buffer.alloc(0);
  #marked = false;

  constructor(nonce: string, onMark: (rest: string) => void, onBytes: (bytes: Uint8Array) => void) {
    this.#mark = Buffer.from(`${markByte}${nonce}`);
    this.#onMark = onMark;
    this.#onBytes = onBytes;
  }

  get marked(): boolean {
    return this.#marked;
  }

  /** What came instead of, or before, the mark. */
  get noise(): string {
    return this.#before.toString('utf8');
  }

  push(bytes: Buffer): void {
    if (this.#marked) {
      this.#onBytes(bytes);
      return;
    }
    this.#before = Buffer.concat([this.#before, bytes]);
    const at = this.#before.indexOf(this.#mark);
    const end = at < 0 ? -1 : this.#before.indexOf('\n', at);
    if (end < 0) return;
    this.#marked = true;
    const rest = this.#before.subarray(end + 1);
    this.#onMark(
      this.#before
        .subarray(at + this.#mark.length, end)
        .toString('latin1')
        .trim(),
    );
    this.#before = this.#before.subarray(0, at);
    if (rest.length > 0) this.#onBytes(rest);
  }
}
