import { expect, it } from 'vitest';
import type { PiFacts } from '../../../app/pi/facts.ts';
import type { RunResult, Shell, ShellCommand } from '../../../app/transport/shell.ts';
import { RootShell } from '../../../main/pi/root-shell.ts';

/** What sudo 1.9 prints; the lecture comes with the first question only. */
const lecture = 'We trust you have received the usual lecture from the local System\nAdministrator.\n\n';

function unlock(stderr: string): { asked: number[]; commands: ShellCommand[]; done: Promise<void> } {
  const asked: number[] = [];
  const commands: ShellCommand[] = [];
  const shell: Partial<Shell> = {
    label: 'pi@voron',
    run: (command): Promise<RunResult> => {
      commands.push(command);
      return Promise.resolve({ exitCode: 1, stdout: '', stderr, truncated: false });
    },
  };
  const facts: Partial<PiFacts> = { sudo: 'password', user: 'pi' };
  const done = new RootShell(shell as Shell).unlock(facts as PiFacts, (attempt) => {
    asked.push(attempt);
    return Promise.resolve('secret');
  });
  return { asked, commands, done };
}

it.each([
  `${lecture}pi is not in the sudoers file.\nThis incident has been reported to the administrator.\n`,
  'Sorry, user pi may not run sudo on voron.\n',
  "Sorry, user pi is not allowed to execute '/usr/bin/true' as root on voron.\n",
])('sudo that does not know the user is quoted, and asks for no further password: %j', async (stderr) => {
  const { asked, commands, done } = unlock(stderr);
  await expect(done).rejects.toMatchObject({
    code: 'pi/sudo-missing',
    message: expect.stringMatching(/sudoers file|may not run sudo|not allowed to execute/) as string,
  });
  expect(asked).toEqual([1]);
  // In English, whatever the Pi speaks.
  expect(commands[0]?.env).toEqual({ LC_ALL: 'C' });
});

it('a wrong password is asked for again, and what sudo said is quoted in the end', async () => {
  const { asked, done } = unlock(
    '\u001b[31mSorry, try again.\u001b[0m\nsudo: 1 incorrect password attempt\n',
  );
  await expect(done).rejects.toMatchObject({
    code: 'pi/sudo-refused',
    message: 'sudo refused 3 passwords of pi; it said: Sorry, try again. sudo: 1 incorrect password attempt',
  });
  expect(asked).toEqual([1, 2, 3]);
});
