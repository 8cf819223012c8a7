import { describe, expect, it } from 'vitest';
import { candidatesFor } from '../../../../main/hosts/cli/completion/candidates.ts';
import { createProgram } from '../../../../main/hosts/cli/program.ts';

const program = createProgram();
const values = { '--preset': () => Promise.resolve(['octopus:f407', 'octopus:f446', 'spider:f446']) };
/** Of a line up to the cursor, without the program's name. */
function after(line: string): Promise<readonly string[]> {
  const words = line.split(' ');
  return candidatesFor(program, words.slice(0, -1), words.at(-1) ?? '', values);
}

describe('completion in a shell', () => {
  it('knows the commands, not the one that the shells call', async () => {
    expect(await after('')).toEqual(expect.arrayContaining(['boards', 'flash', 'pi', '--version', '--help']));
    expect(await after('comp')).toEqual(['completion']);
  });

  it('knows the commands below a command', async () => {
    expect(await after('pi pl')).toEqual(['plan']);
    expect(await after('pi plan bo')).toEqual([]);
  });

  it('knows the options of a command, and offers none twice', async () => {
    expect(await after('flash --kat')).toEqual(['--katapult']);
    expect(await after('flash --katapult build --kat')).toEqual([]);
    expect(await after('boards --pre')).toEqual([]);
  });

  it('knows the values of an option where the program does', async () => {
    expect(await after('flash --preset oct')).toEqual(['octopus:f407', 'octopus:f446']);
    expect(await after('completion f')).toEqual(['fish']);
  });

  it('leaves files and free texts to the shell', async () => {
    expect(await after('install-katapult --image kat')).toEqual([]);
    // The name of a file may be that of a command.
    expect(await after('install-katapult --image boards --pre')).toEqual(['--preset']);
  });
});
