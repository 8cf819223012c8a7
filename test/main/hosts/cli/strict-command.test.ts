import { describe, expect, it } from 'vitest';
import { StrictCommand } from '../../../../main/hosts/cli/strict-command.ts';

/** What a command says of its usage. */
function said(...args: readonly string[]): string {
  let text = '';
  const program = new StrictCommand('canopus')
    .configureOutput({ writeErr: (more) => void (text += more) })
    .exitOverride();
  program
    .command('flash')
    .requiredOption('--preset <id>')
    .requiredOption('--katapult <image>')
    .option('--port <port>')
    .action(() => undefined);
  try {
    program.parse(args, { from: 'user' });
  } catch {
    // What it says is what counts.
  }
  return text;
}

describe('a command that lacks options', () => {
  it('names all of them at once', () => {
    expect(said('flash')).toContain("not specified: '--preset <id>', '--katapult <image>'");
    expect(said('flash', '--preset', 'x')).toContain("required option '--katapult <image>' not specified");
    expect(said('flash', '--preset', 'x', '--katapult', 'k')).toBe('');
  });
});
