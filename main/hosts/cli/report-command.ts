import type { Command } from 'commander';
import { CanopusError } from '../../../app/errors.ts';
import type { CliContext } from './context.ts';
import { filterOf, withFilterOptions, type FilterOptions } from './history-options.ts';
import { withDataOptions } from './station-options.ts';
import { onStation } from './on-station.ts';

interface ReportOptions extends FilterOptions {
  readonly out: string;
}

/** `canopus report`: what was done in a session, as a page to keep and print. */
export function registerReport(program: Command, context: CliContext): void {
  withDataOptions(withFilterOptions(program.command('report')))
    .description('write a report of a session, or of all matching runs, as one HTML page')
    .requiredOption('--out <file>', 'the .html file')
    .action((options: ReportOptions) =>
      onStation(context, options, async (io, client) => {
        const { writeFileAtomically } = await import('../../files/atomic-file.ts');
        const filter = filterOf(options);
        const { total: runs } = await client.call('history.page', { filter, limit: 1, offset: 0 });
        if (runs === null || runs === 0)
          throw new CanopusError('history/unknown-run', 'No matching runs: there is nothing to report.');
        const { html } = await client.call('history.report', { filter });
        await writeFileAtomically(options.out, Buffer.from(html));
        io.print(`${runs} ${runs === 1 ? 'run' : 'runs'} in ${options.out}.`);
        return { file: options.out, runs };
      }),
    );
}
