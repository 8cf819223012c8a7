import { CommanderError, type Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../../main/hosts/cli/program.ts';
import { givenSecrets } from '../../../../main/hosts/cli/given-secrets.ts';

async function* pipe(...chunks: string[]): AsyncGenerator<string> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

function below(command: Command): Command[] {
  return [command, ...command.commands.flatMap(below)];
}

/** What the parser says of these words, and its exit code. */
async function refusal(words: readonly string[]): Promise<{ exitCode: number; said: string }> {
  let said = '';
  const program = createProgram();
  for (const command of below(program)) {
    command.configureOutput({ writeErr: (text) => void (said += text) }).exitOverride();
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode, said: said + error.message };
    throw error;
  }
  throw new Error('not refused');
}

describe('secrets of the command line', () => {
  it.each([
    ['pi', 'facts', '--host', 'pi@voron', '--api-key', 'canary-1234'],
    ['pi', 'facts', '--host', 'pi@voron', '--api-key=canary-1234'],
    ['pi', 'facts', '--host', 'pi@voron', '--api-key'],
    ['boards', '--pi', 'pi@voron', '--api-key', 'canary-1234'],
  ])('refuses the key as an argument of %s %s and says what to do, without the key', async (...words) => {
    const { exitCode, said } = await refusal(words);
    expect(exitCode).not.toBe(0);
    expect(said).toContain('--api-key-stdin');
    expect(said).toContain('CANOPUS_MOONRAKER_KEY');
    expect(said).not.toContain('canary-1234');
  });

  it('takes none as an argument, in any command', () => {
    const secret = /password|api-?key|token|passphrase|secret/i;
    const flags = below(createProgram())
      .flatMap(({ options }) => options)
      .filter((option) => secret.test(option.long ?? '') && !option.hidden)
      .filter((option) => option.required || option.optional);
    expect(flags.map((option) => option.flags)).toEqual([]);
  });

  it('reads the password first and the key after it, however the pipe is cut', async () => {
    const both = { passwordStdin: true, apiKeyStdin: true };
    const expected = { password: 'pass word', apiKey: 'key' };
    expect(await givenSecrets(both, pipe('pass', ' word\r\nk', 'ey\nrest'), {})).toEqual(expected);
    expect(await givenSecrets(both, pipe('pass word\nkey'), {})).toEqual(expected);
    expect(await givenSecrets({ apiKeyStdin: true }, pipe('key\n'), {})).toEqual({
      password: null,
      apiKey: 'key',
    });
  });

  it('reads nothing that is not asked for, and takes the key from the environment', async () => {
    const never: AsyncIterable<unknown> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('read')) }),
    };
    expect(await givenSecrets({}, never, { CANOPUS_MOONRAKER_KEY: 'from there' })).toEqual({
      password: null,
      apiKey: 'from there',
    });
  });
});
