import type { Command } from 'commander';
import { CanopusError } from '../../../app/errors.ts';
import type { CliContext } from './context.ts';

/** `canopus licences [NAME]`: what of others is in this program, and under which terms. */
export function registerLicences(program: Command, context: CliContext): void {
  program
    .command('licences')
    .description('list what of others is in this program, or show the licence of one')
    .argument('[name]', 'one of the list')
    .option('--json', 'print JSON')
    .action((name: string | undefined, options: { json?: boolean }) =>
      context.run(options, async (io) => {
        const { readLicences } = await import('../../licences.ts');
        const licences = await readLicences();
        if (licences === null) {
          throw new CanopusError(
            'file/missing',
            'This checkout was not built; "npm run build" collects the licences.',
          );
        }
        const chosen = licences.filter((licence) => name === undefined || licence.name === name);
        if (chosen.length === 0) {
          throw new CanopusError(
            'usage/invalid',
            `${name} is not part of this program; "canopus licences" lists what is.`,
          );
        }
        for (const { name: part, version, licence, text } of chosen) {
          io.print(`${part} ${version} (${licence})${name === undefined ? '' : `\n\n${text}\n`}`);
        }
        return { licences: chosen };
      }),
    );
}
