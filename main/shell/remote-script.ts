/** One word for a POSIX shell, whatever is in it. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The command line that sshd hands to the user's login shell, for a script of a few hundred bytes. That shell may be
 * any, and its start files may print anything, so it gets only words that mean the same everywhere, and the rest is
 * encoded.
 */
export function loginShellLine(script: string): string {
  return `exec sh -c 'eval "$(echo "$0" | base64 -d)"' ${Buffer.from(script).toString('base64')}`;
}

/**
 * A command line of fixed length that prints a mark with `nonce` and then reads a script, as `scriptLine` encodes it,
 * from standard input; what follows there is the script's own input. Servers limit the command line (dropbear ends the
 * connection at 9000 bytes: its sysoptions.h, MAX_CMD_LEN), but not standard input. `read` takes no byte beyond its
 * line (POSIX.1-2024, XCU, read). Empty lines before the script are
 * skipped; one that was cut is not run.
 */
export function readerLine(nonce: string): string {
  return `exec sh -c 'printf "\\001%s\\n" "$0"; while IFS= read -r s; do if [ "$s" ]; then eval "$(printf %s "$s" | base64 -d)"; exit; fi; done; exit 1' ${nonce}`;
}

/** A script for `readerLine`: one line of ASCII, whatever the locale there is. */
export function scriptLine(script: string): string {
  return `${Buffer.from(script).toString('base64')}\n`;
}

/** The first byte of a line from the station's script and not from the command. */
const markByte = '\x01';

/**
 * Runs `argv` as the leader of a new session, and so of a new process group. First prints a mark with `nonce` and the
 * group's number on standard error. When the command has ended, ends what it left in its group.
 */
export function groupScript(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  nonce: string,
  graceMs: number,
): string {
  const exported = Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  const inner = String.raw`printf '\001%s %s\n' "$0" "$$" >&2; exec "$@"`;
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

/** How much the start files of a login shell may print before they count as endless. */
export const maxNoiseBytes = 64 << 10;

interface MarkedStreamEvents {
  /** The mark has arrived, with the rest of its line. */
  onMark(rest: string): void;
  /** Bytes after the mark. */
  onBytes(bytes: Uint8Array): void;
  /** More than `maxNoiseBytes` arrived without a mark; the rest is dropped. */
  onFlood(): void;
}

/** Separates the output of a login shell's start files from a stream after its mark. */
export class MarkedStream {
  readonly #mark: Buffer;
  readonly #events: MarkedStreamEvents;
  #before: Buffer = Buffer.alloc(0);
  #state: 'noise' | 'marked' | 'flooded' = 'noise';

  constructor(nonce: string, events: MarkedStreamEvents) {
    this.#mark = Buffer.from(`${markByte}${nonce}`);
    this.#events = events;
  }

  get marked(): boolean {
    return this.#state === 'marked';
  }

  /** What arrived instead of, or before, the mark. */
  get noise(): string {
    return this.#before.toString('utf8');
  }

  push(bytes: Buffer): void {
    if (this.#state === 'marked') this.#events.onBytes(bytes);
    if (this.#state !== 'noise') return;
    const seen = Math.max(0, this.#before.length - maxMarkBytes);
    this.#before = Buffer.concat([this.#before, bytes]);
    const at = this.#before.indexOf(this.#mark, seen);
    const end = at < 0 ? -1 : this.#before.indexOf('\n', at);
    if (end < 0) {
      if (this.#before.length <= maxNoiseBytes) return;
      this.#before = this.#before.subarray(0, maxNoiseBytes);
      this.#state = 'flooded';
      this.#events.onFlood();
      return;
    }
    this.#state = 'marked';
    const rest = this.#before.subarray(end + 1);
    const told = this.#before.subarray(at + this.#mark.length, end).toString('latin1');
    this.#before = this.#before.subarray(0, at);
    this.#events.onMark(told.trim());
    if (rest.length > 0) this.#events.onBytes(rest);
  }
}

/** A mark with the number behind it; no longer part of the noise needs to be looked through again. */
const maxMarkBytes = 128;
