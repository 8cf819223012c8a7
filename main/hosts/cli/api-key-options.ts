import { Option, type Command } from 'commander';

/** The environment variable with Moonraker's API key. Other users of a computer cannot read a process's environment. */
export const apiKeyVariable = 'CANOPUS_MOONRAKER_KEY';

/**
 * How a command gets Moonraker's API key: from standard input, the environment or a person at the terminal. Its
 * arguments are in every list of processes and in the shell's history, so the flag of earlier versions is refused. The
 * message of a parser would repeat the key; this one does not.
 */
export function addApiKeyOptions(command: Command): Command {
  const earlier = new Option('--api-key [key]')
    .preset('')
    .hideHelp()
    .argParser((): never =>
      command.error(
        `error: --api-key would show the key in the list of processes. Pipe it in with --api-key-stdin, or set ${apiKeyVariable}, or leave it out and type it when you are asked. A key that was given like this has been seen: make a new one in Mainsail or Fluidd.`,
        { code: 'canopus.secret-argument' },
      ),
    );
  return command
    .addOption(earlier)
    .option(
      '--api-key-stdin',
      `read Moonraker's API key from standard input, after the password if both come from there (or set ${apiKeyVariable})`,
    );
}
