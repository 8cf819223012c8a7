import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { onStation } from './on-station.ts';
import { withDataOptions } from './station-options.ts';

interface SupportOptions {
  readonly out?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** `canopus support`: what to attach to a question, without names, addresses and secrets. */
export function registerSupport(program: Command, context: CliContext): void {
  withDataOptions(program.command('support'))
    .description('collect what others need to find a fault: versions, checks, the last runs and the log')
    .option('--out <file>', 'the .zip file; without it everything is printed, to be read first')
    .addHelpText(
      'after',
      '\nNames of people and computers, addresses and secrets are taken out. UIDs of chips stay. Nothing is sent anywhere.',
    )
    .action((options: SupportOptions) =>
      onStation(context, options, async (io, client) => {
        const files = await client.call('app.supportReport', null, io);
        if (options.out === undefined) {
          for (const { name, text } of files) io.print(`=== ${name}\n${text}`);
          return { files };
        }
        const { strToU8, zipSync } = await import('fflate');
        const { writeFileAtomically } = await import('../../files/atomic-file.ts');
        const zip = zipSync(Object.fromEntries(files.map(({ name, text }) => [name, strToU8(text)])));
        await writeFileAtomically(options.out, zip, { mode: 0o600 });
        io.print(`${files.length} files in ${options.out}. Look at them before you pass them on.`);
        return { file: options.out, names: files.map(({ name }) => name) };
      }),
    );
}
