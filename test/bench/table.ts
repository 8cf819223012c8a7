/** One measured figure beside its aim. */
export interface BenchRow {
  readonly what: string;
  /** With its unit: `12.3 s`, `0.31 of it`. */
  readonly measured: string;
  /** What the issue or the design asks for; empty where it is for information. */
  readonly aim?: string;
}

/** Prints a Markdown table to standard output; `npm run bench` gathers them into docs/bench.md. */
export function printTable(title: string, rows: readonly BenchRow[], remarks: readonly string[] = []): void {
  const lines = [`## ${title}`, '', '| what | measured | aim |', '|---|---|---|'];
  for (const row of rows) lines.push(`| ${row.what} | ${row.measured} | ${row.aim ?? ''} |`);
  for (const remark of remarks) lines.push('', remark);
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

/** The middle value; of an even number of values the lower middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** `1234` ms as `1.23 s`, `12` ms as `12 ms`. */
export function duration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

/** An aim, and whether it was met: `at most 0.08: met`. */
export function atMost(limit: number, value: number, unit = ''): string {
  return `at most ${limit}${unit}: ${value <= limit ? 'met' : '**missed**'}`;
}
