import type { Command } from 'commander';
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
        for (const preset of presets) io.print(describePreset(preset));
        return { presets };
      }),
    );
}

function describePreset(preset: Preset): string {
  const chips = preset.variants.map(({ id, crystalHz }) => `${id} ${crystalHz.value / 1e6} MHz`);
  const unconfirmed = preset.canPins.unconfirmed ? ' (CAN pins unconfirmed)' : '';
  return `${preset.id.padEnd(26)}${preset.name}: ${chips.join(', ')}${unconfirmed}`;
}
