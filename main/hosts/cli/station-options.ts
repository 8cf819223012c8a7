import type { Command } from 'commander';
import type { StationChoice } from './station-access.ts';

/** Which station a command is for, and how it prints. */
export interface DataOptions extends Omit<StationChoice, 'sim'> {
  readonly json?: boolean;
}

export interface StationOptions extends DataOptions, StationChoice {}

/** `--data` and `--json`, for every command of a station. */
export function withDataOptions(command: Command): Command {
  return command
    .option('--data <folder>', 'use this data folder instead of the user folders')
    .option('--json', 'print JSON');
}

/** And `--sim`, for those that work with boards. */
export function withStationOptions(command: Command): Command {
  return withDataOptions(command.option('--sim <bench.json>', 'virtual boards instead of USB'));
}
