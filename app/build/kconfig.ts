/**
 * Kconfig's configuration files as values: symbol without its `CONFIG_` prefix to the text behind `=`, in order. `y`,
 * `n`, `12`, `0x8008000`, `"text"` (quotes included). A symbol that is `# CONFIG_X is not set` has the value `n`.
 */
export type KconfigValues = ReadonlyMap<string, string>;

const assignment = /^CONFIG_([A-Za-z0-9_]+)=(.*)$/;
const unset = /^# CONFIG_([A-Za-z0-9_]+) is not set$/;

/**
 * Reads a `.config` (Linux' Documentation/kbuild/kconfig-language and kconfiglib's `write_config`: one symbol per line,
 * `#` comments). Other lines are skipped; the last assignment of a symbol wins.
 */
export function parseKconfig(text: string): KconfigValues {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, symbol, value] = assignment.exec(line) ?? [];
    if (symbol !== undefined && value !== undefined) {
      values.set(symbol, value);
      continue;
    }
    const [, off] = unset.exec(line) ?? [];
    if (off !== undefined) values.set(off, 'n');
  }
  return values;
}

/** The values as a `.config`, one per line, in order. */
export function formatKconfig(values: KconfigValues): string {
  return [...values]
    .map(([symbol, value]) =>
      value === 'n' ? `# CONFIG_${symbol} is not set\n` : `CONFIG_${symbol}=${value}\n`,
    )
    .join('');
}

/** A string as kconfig writes it: in double quotes, `"` and `\` escaped. */
export function kconfigString(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * True if two values mean the same to kconfig: numbers are compared as numbers, however they are written (`0x800C000`,
 * `0x800c000`, `134266880`), and a missing symbol is off.
 */
export function sameKconfigValue(a: string | undefined, b: string | undefined): boolean {
  const left = a ?? 'n';
  const right = b ?? 'n';
  if (left === right) return true;
  const number = /^(?:0[xX][0-9a-fA-F]+|-?\d+)$/;
  return number.test(left) && number.test(right) && Number(left) === Number(right);
}

/** An address as kconfig's `hex` symbols spell it. */
export function kconfigHex(value: number): string {
  return `0x${value.toString(16)}`;
}
