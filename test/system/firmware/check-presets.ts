import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { BoardRole } from '../../../app/boards/board-role.ts';
import type { Preset, PresetVariant } from '../../../app/boards/preset-schema.ts';
import { recipeForBoard } from '../../../app/build/board-recipe.ts';
import { fragmentOf } from '../../../app/build/fragment.ts';
import { formatKconfig } from '../../../app/build/kconfig.ts';
import type { FirmwareTarget, Recipe } from '../../../app/build/recipe.ts';
import { expectationOf } from '../../../app/image/board-expectation.ts';
import type { Images } from '../../../app/image/image-parts.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { checkBoardImages, type LoadedImage } from '../../../main/jobs/board-images.ts';
import { loadPresets } from '../../../main/presets.ts';
import { argument } from '../../bench/arguments.ts';
import { openBench } from './bench.ts';
import { cloneTree, makeByHand } from './make-by-hand.ts';

/**
 * `npm run check:presets -- --klipper DIR --katapult DIR [--only TEXT] [--role ROLE]`: every preset's recipe, built by
 * the station and by a plain make beside it, byte for byte; and the images inspected and checked against the preset.
 * Recipes that configure a firmware alike are built once. Prints a table in Markdown; ends with 1 where anything is not
 * as it must be.
 */
const [klipper, katapult] = [argument('klipper'), argument('katapult')];
if (klipper === null || katapult === null) {
  process.stdout.write(
    'usage: npm run check:presets -- --klipper DIR --katapult DIR [--only TEXT] [--role ROLE]\n',
  );
  process.exit(2);
}
const trees: Record<FirmwareTarget, string> = { klipper, katapult };
const only = argument('only') ?? '';
const wantedRole = argument('role');

interface Built {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly isSame: boolean;
}

await using bench = await openBench();
const service = bench.service();
const built = new Map<string, Promise<Built>>();
let failures = 0;

function build(target: FirmwareTarget, recipe: Recipe): Promise<Built> {
  const key = `${target}\n${formatKconfig(fragmentOf(recipe, target).asked)}`;
  const known = built.get(key);
  if (known !== undefined) return known;
  const building = buildTwice(target, recipe);
  built.set(key, building);
  return building;
}

/** By the station, which inspects the image against its resolved configuration, and by hand. */
async function buildTwice(target: FirmwareTarget, recipe: Recipe): Promise<Built> {
  const source = { type: 'folder', path: trees[target] } as const;
  const image = await service.build({ target, recipe, presetId: null, source, on: 'local' });
  const copy = join(bench.folder, `by-hand-${target}`);
  await cloneTree(trees[target], copy);
  const byHand = await makeByHand(copy, target, recipe, availableParallelism());
  const { sha256 } = image.record.info;
  return { bytes: image.bytes, sha256, isSame: Buffer.compare(byHand, image.bytes) === 0 };
}

function rolesOf(preset: Preset): readonly (BoardRole | null)[] {
  if (wantedRole === null) return [null];
  return preset.roles.value.filter((role) => role === wantedRole);
}

async function checked(preset: Preset, variant: PresetVariant, role: BoardRole | null): Promise<string> {
  const choice = { preset, variants: [variant] };
  const canPins = preset.canPins.value ?? preset.canPinChoices?.value[0] ?? null;
  const { recipe } = recipeForBoard(choice, { role, canPins });
  const images: { bootloader: LoadedImage | null; application: LoadedImage | null } = {
    bootloader: null,
    application: null,
  };
  const figures: string[] = [];
  for (const target of ['katapult', 'klipper'] as const) {
    const { bytes, sha256, isSame } = await build(target, recipe);
    if (!isSame) throw new Error(`${target} differs from what make gives by hand`);
    const part = target === 'katapult' ? 'bootloader' : 'application';
    images[part] = { name: target, bytes, info: await inspectImage(bytes) };
    figures.push(`${bytes.length} ${sha256.slice(0, 12)}`);
  }
  const expected = { ...expectationOf(choice), role: recipe.role };
  checkBoardImages(images satisfies Images<LoadedImage>, expected);
  return `${recipe.role} | ${recipe.canPins?.join('/') ?? '-'} | ${figures.join(' | ')} | ok`;
}

process.stdout.write('| preset | role | CAN | Katapult | Klipper | as by hand, and right |\n');
process.stdout.write('| --- | --- | --- | --- | --- | --- |\n');
for (const preset of await loadPresets()) {
  for (const variant of preset.variants) {
    const name = `${preset.id}:${variant.id}`;
    if (!name.includes(only)) continue;
    for (const role of rolesOf(preset)) {
      const row = await checked(preset, variant, role).catch((error: unknown) => {
        failures++;
        return `${role ?? ''} | | | | FAIL ${String(error).replaceAll(/\s+/g, ' ')}`;
      });
      process.stdout.write(`| ${name} | ${row} |\n`);
    }
  }
}
process.exitCode = failures === 0 ? 0 : 1;
