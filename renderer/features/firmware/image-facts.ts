import { parseKconfig } from '../../../app/build/kconfig.ts';
import type { ImageInfo } from '../../../app/image/image-info.ts';
import type { StationOutput } from '../../../app/contract/station-contract.ts';
import { texts } from '../../texts/en.ts';
import { formatAddress, formatBytes, formatMcu, formatMegahertz } from '../../ui/format.ts';

export type InspectedImage = StationOutput<'images.inspect'>;

/** One fact about an image, in words; null if the image does not state it. */
export interface ImageFact {
  readonly name: string;
  readonly value: string | null;
}

const or = <T>(value: T | null | undefined, format: (known: T) => string): string | null =>
  value === null || value === undefined ? null : format(value);

/**
 * The crystal that an image is built for; null for an image that is neither Katapult nor Klipper and may not
 * need one.
 */
export function crystalOf({ kind, crystalHz }: Pick<ImageInfo, 'kind' | 'crystalHz'>): string | null {
  if (crystalHz === 0) return texts.images.internalOscillator;
  if (crystalHz !== null) return formatMegahertz(crystalHz);
  return kind === 'katapult' || kind === 'klipper' ? texts.images.crystalUnknown : null;
}

/** Facts that an image states about itself. */
export function factsOf({ image }: InspectedImage): readonly ImageFact[] {
  const { info } = image.record;
  const { facts } = texts.images;
  const rows: [string, string | null][] = [
    [facts.kind, texts.images.kinds[info.kind]],
    [facts.mcu, or(info.mcu, formatMcu)],
    [facts.version, info.version],
    [facts.address, or(info.applicationAddress, formatAddress)],
  ];
  if (info.kind === 'katapult') rows.push([facts.starts, or(info.launchAddress, formatAddress)]);
  rows.push([facts.crystal, crystalOf(info)], [facts.clock, or(info.clockHz, formatMegahertz)]);
  if (info.kind !== 'katapult') {
    rows.push(
      [facts.can, or(info.can?.role, (role) => texts.images.canRoles[role])],
      [facts.canPins, or(info.can?.pins, (pins) => pins.join(' / '))],
      [facts.bitrate, or(info.can?.bitrateBps, texts.images.bitrate)],
    );
  }
  rows.push(
    [facts.size, `${formatBytes(info.size)} (${info.size.toLocaleString('en')})`],
    [facts.sha256, info.sha256],
  );
  return rows.map(([name, value]) => ({ name, value }));
}

/** The origin of an image. */
export function originOf({ image }: InspectedImage): readonly ImageFact[] {
  const { record } = image;
  const { facts } = texts.images;
  const when = { name: facts.when, value: localTime(record.createdAt) };
  const { build } = record;
  if (build === null) return [{ name: facts.importedFrom, value: record.importedFrom }, when];
  const { source, toolchain, machine, durationMs } = build;
  const compiler = toolchain.tools.find(({ name }) => name === 'arm-none-eabi-gcc')?.version ?? null;
  const rows: [string, string | null][] = [
    [facts.source, source.ref === null ? source.location : `${source.location} @ ${source.ref}`],
    [facts.commit, source.dirty ? texts.images.changedSince(source.commit) : source.commit],
    [facts.tree, source.treeId],
    [facts.compiler, compiler],
    [facts.machine, texts.images.builtOn(machine, build.host, durationMs)],
    [facts.preset, record.presetId],
    [facts.key, record.key],
  ];
  if (record.importedFrom !== null) rows.push([facts.importedFrom, record.importedFrom]);
  return [...rows.map(([name, value]) => ({ name, value })), when];
}

/** The same fact of two images. */
export interface ComparedFact {
  readonly name: string;
  readonly left: string | null;
  readonly right: string | null;
  readonly differs: boolean;
}

interface Comparison {
  /** True if they match byte for byte. */
  readonly isSame: boolean;
  readonly facts: readonly ComparedFact[];
  readonly origin: readonly ComparedFact[];
  /** Kconfig symbols and Klipper's constants that differ; null if one of the two has none to compare. */
  readonly config: readonly ComparedFact[] | null;
  readonly constants: readonly ComparedFact[] | null;
}

export function compareImages(left: InspectedImage, right: InspectedImage): Comparison {
  const configs = [left.config, right.config].map((text) => (text === null ? null : parseKconfig(text)));
  const constants = [left, right].map((each) => {
    const entries = Object.entries(each.constants);
    return entries.length === 0 ? null : new Map(entries);
  });
  return {
    isSame: left.image.record.info.sha256 === right.image.record.info.sha256,
    facts: aligned(factsOf(left), factsOf(right)),
    origin: aligned(originOf(left), originOf(right)),
    config: differences(configs[0] ?? null, configs[1] ?? null),
    constants: differences(constants[0] ?? null, constants[1] ?? null),
  };
}

/** Rows of both sides by name: in the order of the left one, then those that only the right one has. */
function aligned(left: readonly ImageFact[], right: readonly ImageFact[]): readonly ComparedFact[] {
  const valueIn = (facts: readonly ImageFact[], wanted: string) =>
    facts.find(({ name }) => name === wanted)?.value ?? null;
  const names = [...new Set([...left, ...right].map(({ name }) => name))];
  return names.map((name) => {
    const [a, b] = [valueIn(left, name), valueIn(right, name)];
    return { name, left: a, right: b, differs: a !== b };
  });
}

function differences(
  left: ReadonlyMap<string, string> | null,
  right: ReadonlyMap<string, string> | null,
): readonly ComparedFact[] | null {
  if (left === null || right === null) return null;
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names
    .map((name) => ({ name, left: left.get(name) ?? null, right: right.get(name) ?? null }))
    .filter((row) => row.left !== row.right)
    .map((row) => ({ ...row, differs: true }));
}

function localTime(iso: string): string {
  return new Date(iso).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}
