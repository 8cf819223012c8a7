import type { Command } from 'commander';
import { describeHazard } from '../../../app/boards/hazards.ts';
import { maxPresetBytes } from '../../../app/boards/user-preset.ts';
import type { PresetView, StationClient } from '../../../app/contract/station-contract.ts';
import type { CliContext, CliIo, CliReport } from './context.ts';
import { onStation } from './on-station.ts';
import { withDataOptions, type DataOptions } from './station-options.ts';

/** `canopus presets`: the boards that Canopus knows, and those that a person adds. */
export function registerPresets(program: Command, context: CliContext): void {
  const presets = program
    .command('presets')
    .description('list the boards that Canopus knows, and add others');
  withDataOptions(presets.command('list', { isDefault: true }))
    .description('list the boards that Canopus knows')
    .action((options: DataOptions) => onStation(context, options, list));
  withDataOptions(presets.command('add <file>'))
    .description('add a board from a JSON file (docs/boards.md)')
    .option('--replace', 'in the place of the board of the same id that you added before')
    .action((file: string, options: AddOptions) =>
      onStation(context, options, (io, client) => add(io, client, file, options)),
    );
  withDataOptions(presets.command('remove <id>'))
    .description('remove a board that you added')
    .action((id: string, options: DataOptions) =>
      onStation(context, options, (io, client) => remove(io, client, id)),
    );
  withDataOptions(presets.command('export <id>'))
    .description('write a board as a JSON file, to share or to change it')
    .option('--out <file>', 'the file (default: print it)')
    .action((id: string, options: ExportOptions) =>
      onStation(context, options, (io, client) => exportPreset(io, client, id, options)),
    );
}

interface AddOptions extends DataOptions {
  readonly replace?: boolean;
}

interface ExportOptions extends DataOptions {
  readonly out?: string;
}

async function list(io: CliIo, client: StationClient): Promise<CliReport> {
  const presets = await client.call('presets.list', null);
  for (const preset of presets) io.print(`${describePreset(preset)}\n`);
  const { folder, files } = await client.call('presets.refused', null);
  for (const { message } of files) io.print(`Not usable, in ${folder}: ${message}`);
  io.print('Give --preset the name in front of your chip: --preset btt-octopus:f446');
  return { presets, refused: files };
}

async function add(
  io: CliIo,
  client: StationClient,
  file: string,
  { replace = false }: AddOptions,
): Promise<CliReport> {
  const preset = await client.call('presets.add', { name: file, text: await readShort(file), replace });
  io.print(`Added:\n${describePreset(preset)}`);
  return { preset };
}

async function remove(io: CliIo, client: StationClient, id: string): Promise<CliReport> {
  await client.call('presets.remove', { id });
  io.print(`Removed: ${id}`);
  return { id };
}

async function exportPreset(
  io: CliIo,
  client: StationClient,
  id: string,
  { out }: ExportOptions,
): Promise<CliReport> {
  const { fileName, text } = await client.call('presets.export', { id });
  if (out === undefined) {
    io.print(text);
    return { fileName, text };
  }
  const { writeFileAtomically } = await import('../../files/atomic-file.ts');
  await writeFileAtomically(out, new TextEncoder().encode(text));
  io.print(`Written: ${out}`);
  return { fileName, file: out };
}

/** A file with one byte more than a preset may have is as good as all of a huge one. */
async function readShort(path: string): Promise<string> {
  const [{ toFileError }, { readBeginning }] = await Promise.all([
    import('../../files/file-errors.ts'),
    import('../../files/read-beginning.ts'),
  ]);
  try {
    return await readBeginning(path, maxPresetBytes + 1);
  } catch (error) {
    throw toFileError(error, path, 'read');
  }
}

function describePreset(preset: PresetView): string {
  const names = [...preset.aliases, ...(preset.sharedNames ?? [])].join(', ');
  const chips = preset.variants.map(({ id, markings, crystalHz, flashKiB }) => {
    const flash = flashKiB.value === null || markings.value.length > 1 ? '' : `, ${flashKiB.value} KiB`;
    return `  ${`${preset.id}:${id}`.padEnd(32)}${markings.value.join(' or ')}, ${crystalHz.value / 1e6} MHz${flash}`;
  });
  const hazards = (preset.hazards.value ?? []).map((hazard) => `  Warning: ${describeHazard(hazard)}`);
  const unconfirmed = preset.canPins.unconfirmed ? ['  The CAN pins are not confirmed.'] : [];
  const own = preset.isUsers === true ? ', added by you' : '';
  const title = `${preset.name}${own}${names === '' ? '' : ` (${names})`}`;
  return [title, ...chips, ...unconfirmed, ...hazards].join('\n');
}
