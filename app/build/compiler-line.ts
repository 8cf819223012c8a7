/** How to show a line of a build's output. */
export const logLevels = ['plain', 'warning', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The words of GNU make, gcc and Python for it. */
const failures = /^(?:make(?:\[\d+\])?: \*\*\*|.*?(?:^|[\s:])(?:fatal )?error:|\w*Error:|ERROR:)/;

/** GNU ld's errors without the word "error" (binutils, ld/ldmain.c, ld/ldlang.c, ld/ldfile.c). */
const linkFailures =
  /: undefined reference to |: multiple definition of |: first defined here|\bld(?:\.\w+)?: cannot find |: region [`'‘].+[’'] overflowed|will not fit in region |\bld(?:\.\w+)?: .+: in function [`'‘]/;

/** The last links of the chain: true, but they only say that something failed before. */
const consequences = /^(?:collect2: error: |make(?:\[\d+\])?: \*\*\*)/;

/**
 * The level of a line from gcc, ld, make or Python. GCC's diagnostics are `FILE:LINE:COLUMN: warning: TEXT` (GCC
 * manual, "Formatting of messages"), the linker's `ld: warning: TEXT`, make's `make: *** TEXT`. Used for colour, and to
 * choose the lines to quote: the exit code decides whether a build failed.
 */
export function levelOfLine(text: string): LogLevel {
  if (failures.test(text) || linkFailures.test(text)) return 'error';
  if (/(?:^|[\s:])warning:/i.test(text)) return 'warning';
  return 'plain';
}

/** The first lines that say why a build failed; if there are none, the lines that only follow from it. */
export function causesOf(errors: readonly string[], most: number): readonly string[] {
  const causes = errors.filter((line) => !consequences.test(line));
  return (causes.length > 0 ? causes : errors).slice(0, most);
}

/**
 * True if the linker lacks what newlib 4.3 and later require of a linker script. Klipper has it since ae227d485
 * (v0.12.0-240, June 2024; pull requests 6090, 6331 and 6615).
 */
export function isNewlibTooNew(errors: readonly string[]): boolean {
  return errors.some((line) =>
    /undefined reference to [`'‘](?:__exidx_(?:start|end)|__aeabi_unwind_cpp_pr\d)[’']/.test(line),
  );
}
