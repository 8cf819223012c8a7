import { describe, expect, it } from 'vitest';
import { outputTo } from '../../../../main/hosts/cli/output.ts';

const evil = 'v\x1b]0;PWN\x07\x1b[2Jv0.12 \u009b31m \u202egnp';
const shown = 'v\\x1b]0;PWN\\x07\\x1b[2Jv0.12 \\x9b31m \\u{202e}gnp';

function terminal({ json = false, isTTY = true } = {}) {
  const written = { out: '', err: '' };
  const output = outputTo(
    {
      stdout: { isTTY, write: (text) => (written.out += text) },
      stderr: { isTTY, write: (text) => (written.err += text) },
    },
    json,
  );
  return { output, written };
}

describe('what a command prints', () => {
  it('has no escape sequence of a device, a Pi or a file in it', () => {
    const { output, written } = terminal();
    output.print(`version ${evil}\n\tand more`);
    output.emit({ type: 'line', text: evil }, ({ text }) => text);
    output.write(`${evil}\n`);
    output.complain(`ended with 7: ${evil}`);
    expect(written.out).toBe(`version ${shown}\n\tand more\n${shown}\n${shown}\n`);
    expect(written.err).toBe(`ended with 7: ${shown}\n`);
  });

  it('has none in the line that moves, but its own', () => {
    const { output, written } = terminal();
    output.status(`${evil}\nsecond`);
    expect(written.err).toBe(`\r\x1b[K${shown}\\x0asecond`);
  });

  it('means the same as JSON, in visible characters', () => {
    const { output, written } = terminal({ json: true });
    output.emit({ type: 'line', text: evil });
    expect(JSON.parse(written.out)).toEqual({ type: 'line', text: evil });
    expect(written.out).toMatch(/^[\x20-\x7e]+\n$/);
  });

  it('is kept as it is in a file or for another program', () => {
    const { output, written } = terminal({ isTTY: false });
    output.write(evil);
    expect(written.out).toBe(evil);
  });
});
