import type { Command } from 'commander';
import { describeHazard } from '../../../app/boards/hazards.ts';
import type { Preset } from '../../../app/boards/preset-schema.ts';
import type { CliContext } from './context.ts';

/** `canopus presets`: the boards that Canopus knows. */
export function registerPresets(program: Command, context: CliContext): void {
  program
    .command('presets')
    .description('list the boards that Canopus knows')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      context.run(options, async (io) => {
        const { loadPresets } = await import('../../presets.ts');
        const presets = await loadPresets();
        for (const preset of presets) io.print(`${describePreset(preset)}\n`);
        io.print('Give --preset the name in front of your chip: --preset btt-octopus:f446');
        return { presets };
      }),
    );
}

function describePreset(preset: Preset): string {
  const names = [...preset.aliases, ...(preset.sharedNames ?? [])].join(', ');
  const chips = preset.variants.map(({ id, markings, crystalHz, flashKiB }) => {
    const flash = flashKiB.value === null || markings.value.length > 1 ? '' : `, ${flashKiB.value} KiB`;
    return `  ${`${preset.id}:${id}`.padEnd(32)}${markings.value.join(' or ')}, ${crystalHz.value / 1e6} MHz${flash}`;
  });
  const hazards = (preset.hazards.value ?? []).map((hazard) => `  Warning: ${describeHazard(hazard)}`);
  const unconfirmed = preset.canPins.unconfirmed ? ['  The CAN pins are not confirmed.'] : [];
  const title = `${preset.name}${names === '' ? '' : ` (${names})`}`;
  return [title, ...chips, ...unconfirmed, ...hazards].join('\n');
}
