import type { Command } from 'commander';
import { CanopusError } from '../../../app/errors.ts';
import type { CliContext } from './context.ts';
import {
  filterOf,
  withDataOptions,
  withFilterOptions,
  withHistory,
  type FilterOptions,
} from './history-options.ts';

interface ReportOptions extends FilterOptions {
  readonly out: string;
}

/** `canopus report`: what was done in a session, as a page to keep and to print. */
export function registerReport(program: Command, context: CliContext): void {
  withDataOptions(withFilterOptions(program.command('report')))
    .description('write a report of a session, or of all runs that fit, as one HTML page')
    .requiredOption('--out <file>', 'the .html file')
    .action((options: ReportOptions) =>
      context.run(options, (io) =>
        withHistory(options, async (history) => {
          const [{ makeReport }, { writeFileAtomically }, { loadPresets }] = await Promise.all([
            import('../../history/make-report.ts'),
            import('../../files/atomic-file.ts'),
            import('../../presets.ts'),
          ]);
          const filter = filterOf(options);
          const runs = history.count(filter);
          if (runs === 0)
            throw new CanopusError('history/unknown-run', 'No run fits: there is nothing to report.');
          await writeFileAtomically(
            options.out,
            Buffer.from(makeReport(history, filter, await loadPresets())),
          );
          io.print(`${runs} ${runs === 1 ? 'run' : 'runs'} in ${options.out}.`);
          return { file: options.out, runs };
        }),
      ),
    );
}
