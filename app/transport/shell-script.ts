import { CanopusError } from '../errors.ts';

/**
 * The text of a `.sh` file as a shell runs it with `sh -c`: without the comments at its head, and with the file in
 * place of each line `. ./NAME`. So every file is a whole program to ShellCheck, and one round trip on a machine far
 * away. Throws `internal` for a name that is not in `parts`.
 */
export function shellScript(text: string, parts: Readonly<Record<string, string>> = {}): string {
  const body = text.replace(/^(?:#.*\n)+/, '');
  return body.replace(/^([ \t]*)\. \.\/(\S+)$/gm, (_line, indent: string, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new CanopusError('internal', `no part ${name} for a script`);
    return indent + shellScript(part, parts).trimEnd();
  });
}
