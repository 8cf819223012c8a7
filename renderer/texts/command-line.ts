import type { CommandLineView } from '../../app/command-line.ts';

/** The command line of a package without an installer. */
export const commandLineTexts = {
  title: 'Command line',
  text: {
    offered: (file: string) => `"canopus" in a terminal does what this window does. It would be ${file}.`,
    installed: (file: string) => `"canopus" works in a terminal: ${file}.`,
    older: (file: string) => `${file} is of an earlier version of Canopus.`,
    taken: (file: string) =>
      `${file} is there already, and not from this Canopus. Remove or rename it to install the command line.`,
    'move-first': () =>
      'Canopus runs from its disk image. Move it to Applications and start it there to install the command line.',
  } satisfies Record<Exclude<CommandLineView['state'], 'none'>, (file: string) => string>,
  install: 'Install the command line',
  update: 'Bring it up to date',
  remove: 'Remove it',
  administrator: 'An administrator installs it with this command:',
  command: 'The command that installs it',
  again: 'Look again',
  notOnPath: (folder: string) =>
    `Terminals that are open do not look in ${folder} yet. Log out and in again; if "canopus" is not found then, add the folder to PATH in your shell's settings.`,
};
