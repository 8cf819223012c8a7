/** How a line of a build's output is to be shown. */
export type LogLevel = 'plain' | 'warning' | 'error';

/**
 * The level of a line that gcc, ld, make or Python wrote. GCC's diagnostics are `FILE:LINE:COLUMN: warning: TEXT`
 * (GCC manual, "Formatting of messages"), the linker's `ld: warning: TEXT`, make's `make: *** TEXT`. Used for colour
 * only: whether a build failed is decided by its exit code.
 */
export function levelOfLine(text: string): LogLevel {
  if (/^(?:make(?:\[\d+\])?: \*\*\*|.*?(?:^|[\s:])(?:fatal )?error:|\w*Error:|ERROR:)/.test(text))
    return 'error';
  if (/(?:^|[\s:])warning:/i.test(text)) return 'warning';
  return 'plain';
}
