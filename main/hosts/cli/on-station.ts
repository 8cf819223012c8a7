import type { StationClient } from '../../../app/contract/station-contract.ts';
import type { CliContext, CliIo, CliReport, CliRunOptions } from './context.ts';
import type { StationChoice } from './station-access.ts';

/** Does a command's work as a client of the station that its options name. */
export function onStation(
  context: CliContext,
  options: StationChoice & CliRunOptions,
  work: (io: CliIo, client: StationClient) => Promise<CliReport>,
): Promise<void> {
  return context.run(options, async (io) => work(io, await io.contract(options)));
}
