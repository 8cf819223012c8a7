import { createCliContext } from '../../main/hosts/cli/context.ts';
import { createProgram } from '../../main/hosts/cli/program.ts';

export type Line = Readonly<Record<string, unknown>> & { readonly type: string };

/** Our command line in this process, with the guest as its Pi. */
export class CanopusHere {
  /** Its data folder. */
  readonly folder: string;
  readonly #login: readonly string[];

  constructor(folder: string, login: readonly string[]) {
    this.folder = folder;
    this.#login = login;
  }

  /** Every line that it prints. */
  async run(
    words: readonly string[],
    onLine: (line: Line) => void = () => undefined,
  ): Promise<readonly Line[]> {
    const lines: Line[] = [];
    let rest = '';
    const context = createCliContext({
      stdout: {
        write: (text: string) => {
          const parts = `${rest}${text}`.split('\n');
          rest = parts.pop() ?? '';
          for (const part of parts.filter((each) => each.startsWith('{'))) {
            const line = JSON.parse(part) as Line;
            lines.push(line);
            onLine(line);
          }
        },
      },
      stderr: { write: () => undefined },
    });
    const before = process.exitCode;
    const all = [...words, ...this.#login, '--json', '--data', this.folder];
    await createProgram(context).parseAsync(all, { from: 'user' });
    process.exitCode = before;
    return lines;
  }

  /** The last of them: its report, or its error. */
  async last(words: readonly string[]): Promise<Line> {
    const line = (await this.run(words)).at(-1);
    if (line === undefined) throw new Error(`canopus ${words.join(' ')} printed nothing`);
    return line;
  }
}
