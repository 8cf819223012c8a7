import { Argument, type Command } from 'commander';
import type { KnownValues } from './completion/candidates.ts';
import bash from './completion/completion.bash.sh?raw';
import fish from './completion/completion.fish?raw';
import powershell from './completion/completion.ps1?raw';
import zsh from './completion/completion.zsh?raw';
import type { CliContext } from './context.ts';

const scripts = { bash, zsh, fish, powershell } as const;

const howTo = `
Examples:
  bash        canopus completion bash >> ~/.bashrc
  zsh         canopus completion zsh >> ~/.zshrc        (after compinit)
  fish        canopus completion fish > ~/.config/fish/completions/canopus.fish
  PowerShell  canopus completion powershell >> $PROFILE`;

/** `canopus completion SHELL`, and `complete`, which its scripts call. */
export function registerCompletion(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .addHelpText('after', howTo)
    .action((shell: keyof typeof scripts) =>
      context.run({}, (io) => {
        io.print(scripts[shell].trimEnd());
        return Promise.resolve(null);
      }),
    );
  program
    .command('complete', { hidden: true })
    .description('the words that can come next, one a line; the last word is completed')
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action((words: readonly string[]) =>
      context.run({}, async (io) => {
        const { candidatesFor } = await import('./completion/candidates.ts');
        const found = await candidatesFor(program, words.slice(0, -1), words.at(-1) ?? '', values);
        for (const word of found) io.print(word);
        return null;
      }),
    );
}

const values: KnownValues = {
  async '--preset'() {
    const { loadPresets } = await import('../../presets.ts');
    return (await loadPresets()).flatMap(({ id, variants }) => variants.map((each) => `${id}:${each.id}`));
  },
};
