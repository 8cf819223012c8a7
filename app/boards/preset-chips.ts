import { whyNoBridge } from '../mcu/bridge.ts';
import { flashSizesKiB, flashStartOf, isPin, mcuFacts } from '../mcu/mcu.ts';
import { applicationOffsetOf } from './application-offset.ts';
import type { Preset, PresetVariant } from './preset-schema.ts';

/** A value of a preset that a chip it is sold with does not have: the field, and why as a clause. */
interface ChipConflict {
  readonly field: string;
  readonly why: string;
}

/**
 * Where a preset contradicts what `app/mcu` knows of its chips: pins, markings, and an application that would begin in
 * the middle of a sector, where its bootloader cannot erase for it alone. Null if it does not.
 */
export function chipConflict(preset: Preset): ChipConflict | null {
  for (const [index, variant] of preset.variants.entries()) {
    const { label, marking } = mcuFacts[variant.mcu.value];
    const noBridge = preset.roles.value.includes('bridge') ? whyNoBridge(variant.mcu.value) : null;
    if (noBridge !== null)
      return { field: 'roles.value', why: `has a bridge, which no ${label} can be: ${noBridge}` };
    const alien = variant.markings.value.findIndex((text) => !marking.test(text) || !text.startsWith(label));
    if (alien !== -1) {
      return {
        field: `variants[${index}].markings.value[${alien}]`,
        why: `is not the marking of an ${label}`,
      };
    }
    const pin = pinsOf(preset).find(({ name }) => !isPin(name, variant.mcu.value));
    if (pin) return { field: pin.field, why: `is no pin of the ${label}` };
    if (!startsSector(preset, variant)) {
      const field = variant.applicationOffsetKiB === undefined ? '' : `variants[${index}].`;
      const why = `is not where a sector of the ${label} begins`;
      return { field: `${field}applicationOffsetKiB.value`, why };
    }
  }
  return null;
}

function pinsOf(preset: Preset): readonly { field: string; name: string }[] {
  const pairs = [
    { field: 'canPins.value', pair: preset.canPins.value ?? [] },
    { field: 'usbPins.value', pair: preset.usbPins?.value ?? [] },
    ...(preset.canPinChoices?.value ?? []).map((pair) => ({ field: 'canPinChoices.value', pair })),
    { field: 'initialPins.value.pins', pair: initialPinNames(preset) },
  ];
  return pairs.flatMap(({ field, pair }) => pair.map((name) => ({ field, name })));
}

function initialPinNames({ initialPins }: Preset): readonly string[] {
  return initialPins === undefined
    ? []
    : initialPins.value.pins.split(',').map((pin) => pin.trim().replace(/^!/, ''));
}

function startsSector(preset: Preset, variant: PresetVariant): boolean {
  const { mcu, flashKiB } = variant;
  const address = flashStartOf(mcu.value) + applicationOffsetOf(preset, variant).value * 1024;
  const sizes = flashKiB.value === null ? flashSizesKiB(mcu.value) : [flashKiB.value];
  return sizes
    .flatMap((size) => mcuFacts[mcu.value].sectorLayouts(size))
    .every((sectors) => sectors.some((sector) => sector.address === address));
}
