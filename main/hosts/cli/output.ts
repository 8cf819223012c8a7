import { safeJson, safeLines, safeText } from '../../../app/safe-text.ts';

/** One event, as a line of `--json` shows it. */
export type CliEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Where a command's output goes; the process's own streams except in tests. */
export interface CliStreams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** What a command prints; the only way to the terminal, so that nothing foreign reaches it as it came. */
export interface Output {
  readonly json: boolean;
  /** With `--json` prints the event as a line; otherwise prints what `describe` returns for it. */
  emit<E extends CliEvent>(event: E, describe?: (event: E) => string | null): void;
  /** Text for people; nothing with `--json`. */
  print(text: string): void;
  /** Text for a file or another program, as it is unless a terminal shows it; nothing with `--json`. */
  write(text: string): void;
  /** An error, or what a program says beside its results: for people, to standard error. */
  complain(text: string): void;
  /** A line that the next status or print replaces, on a terminal; nothing with `--json` or in a pipe. */
  status(text: string): void;
}

/** `wipe` removes the status line. */
export function outputTo({ stdout, stderr }: CliStreams, json: boolean): Output & { wipe(): void } {
  let isStatusShown = false;
  const output = {
    json,
    emit<E extends CliEvent>(event: E, describe?: (event: E) => string | null) {
      if (json) {
        stdout.write(`${safeJson(event)}\n`);
        return;
      }
      const text = describe?.(event) ?? null;
      if (text !== null) output.print(text);
    },
    print(text: string) {
      if (json) return;
      output.wipe();
      stdout.write(`${safeLines(text)}\n`);
    },
    write(text: string) {
      if (!json) stdout.write(stdout.isTTY === true ? safeLines(text) : text);
    },
    complain(text: string) {
      output.wipe();
      stderr.write(`${safeLines(text)}\n`);
    },
    status(text: string) {
      if (json || stderr.isTTY !== true) return;
      stderr.write(`\r\x1b[K${safeText(text)}`);
      isStatusShown = true;
    },
    wipe() {
      if (isStatusShown) stderr.write('\r\x1b[K');
      isStatusShown = false;
    },
  };
  return output;
}
