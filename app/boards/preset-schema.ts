import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { safeText } from '../safe-text.ts';
import { boardRoles } from './board-role.ts';
import { isMarking, isPin, mcuNames } from '../mcu/mcu.ts';

/**
 * The format of resources/boards/*.json. Every value names its origin (`source`, a key of the file's own `sources`),
 * and a value that is not confirmed says so (`unconfirmed`). A value that no source states is null.
 */
const sourceKey = z.string().check(z.regex(/^[a-z0-9-]+$/));

function sourced<T extends z.core.$ZodType>(value: T) {
  return z.strictObject({
    value,
    /** One or several documents that state the value; for null, where it was searched. */
    source: z.union([sourceKey, z.array(sourceKey).check(z.minLength(1))]),
    /** Stated by only one guide, or concluded: show it as such, and do not rely on it alone. */
    unconfirmed: z.optional(z.literal(true)),
  });
}

/** Shown to people as it is: without what cannot be seen. */
const text = z.string().check(
  z.minLength(1),
  z.maxLength(400),
  z.refine((value) => safeText(value) === value, { error: 'has characters that cannot be seen' }),
);
const identifier = z.string().check(z.maxLength(60), z.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/));
const pin = z
  .string()
  .check(z.refine((text) => isPin(text), { error: 'is no pin of a chip that is flashed' }));
const pinPair = z.tuple([pin, pin]);

const offsetKiB = sourced(z.int().check(z.minimum(1), z.maximum(128)));

/** `toolhead`: also another small board behind the bridge. */
export const boardKinds = ['mainboard', 'toolhead'] as const;

/** Klipper's INITIAL_PINS: pins to set when the chip starts, low with an exclamation mark. */
const initialPins = z.string().check(
  z.maxLength(100),
  z.refine((text) => text.split(',').every((each) => isPin(each.trim().replace(/^!/, ''))), {
    error: 'names no pins of a chip that is flashed',
  }),
);

/** One action for a person, in one sentence, with the parts of the board to point at. */
const step = z.strictObject({ text, parts: z.array(identifier) });

const hazard = z.strictObject({
  kind: z.enum(['heaters', 'power', 'other']),
  text,
  /** The variant or revision that its source states it for: "the first revision (Rev A)". */
  statedFor: text,
  /** Its source states it for a variant that this preset does not have; it is shown to be safe. */
  precaution: z.optional(z.literal(true)),
  /** What must be confirmed before the board is put into DFU. */
  confirm: z.nullable(text),
});

const variant = z.strictObject({
  id: identifier,
  mcu: sourced(z.enum(mcuNames)),
  /** The print on the chip, for the user to compare: `STM32F446ZET6`. */
  markings: sourced(
    z.array(z.string().check(z.refine(isMarking, { error: 'is no marking of a chip that is flashed' }))),
  ),
  crystalHz: sourced(z.int().check(z.minimum(4_000_000), z.maximum(50_000_000))),
  flashKiB: sourced(z.nullable(z.int().check(z.minimum(16), z.maximum(2048)))),
  /** Where this chip's application starts, if not where the board's other chips have it. */
  applicationOffsetKiB: z.optional(offsetKiB),
});

/** An existing variant of the board that this station does not flash. */
const otherVariant = z.strictObject({ label: text, reason: sourced(text) });

export const presetSchema = z.strictObject({
  id: identifier,
  name: text,
  maker: text,
  kind: z.enum(boardKinds),
  /** What it can be on the bus, its usual one first: a chip's family must be able to. */
  roles: sourced(z.array(z.enum(boardRoles)).check(z.minLength(1))),
  /** Other names of this board alone. */
  aliases: z.array(text),
  /** A name that several boards share; asking for it lists all of them. */
  sharedNames: z.optional(z.array(text)),
  sources: z.record(
    sourceKey,
    z.strictObject({ title: text, url: z.nullable(z.string().check(z.regex(/^https:\/\/\S+$/))) }),
  ),
  /** The parts that steps point at, by id, with the words printed on the board. */
  parts: z.record(identifier, text),
  variants: z.array(variant).check(z.minLength(1)),
  otherVariants: z.array(otherVariant),
  /** The size of the maker's own bootloader. */
  makerBootloaderKiB: sourced(z.nullable(z.int().check(z.minimum(0), z.maximum(128)))),
  /** Where Katapult starts the application, from the start of flash: see `chipConflict`. */
  applicationOffsetKiB: offsetKiB,
  /** RX, TX. */
  canPins: sourced(z.nullable(pinPair)),
  /** If the board leaves it open: the pairs that Klipper offers for this MCU. */
  canPinChoices: z.optional(sourced(z.array(pinPair).check(z.minLength(1)))),
  /** Not of a chip with pins for USB alone. */
  usbPins: z.optional(sourced(pinPair)),
  /** The flash chip beside a chip without flash of its own, as its boot needs it. */
  flashChip: z.optional(sourced(z.enum(['w25q080', 'generic-03']))),
  transceiver: sourced(z.nullable(z.enum(['on-board', 'external']))),
  termination: sourced(z.nullable(z.enum(['fixed', 'jumper', 'on-transceiver']))),
  connector: sourced(z.nullable(text)),
  /** How BOOT0 is pulled high. After DFU a jumper must be taken off, a button is just released. */
  boot0: sourced(z.nullable(z.enum(['jumper', 'button', 'either']))),
  /** The way into the chip's ROM bootloader, and out of it. */
  romEntry: sourced(z.nullable(z.array(step).check(z.minLength(1)))),
  romLeave: sourced(z.nullable(z.array(step).check(z.minLength(1)))),
  /** The power that the board needs while it is flashed over USB: a jumper that lets USB feed it, or its main power. */
  flashPower: z.optional(sourced(text)),
  /** The pins that Klipper must set at its start for the board to work in these roles, and whether Katapult must, too. */
  initialPins: z.optional(
    sourced(
      z.strictObject({
        pins: initialPins,
        roles: z.array(z.enum(boardRoles)).check(z.minLength(1)),
        inKatapult: z.boolean(),
      }),
    ),
  ),
  /** A reset button: with it Katapult can be entered by two presses, whatever runs. */
  resetButton: z.optional(sourced(z.boolean())),
  /** The name under which the maker's bootloader takes firmware from an SD card. */
  cardFile: z.optional(sourced(z.string().check(z.regex(/^[A-Za-z0-9_]+\.(?:bin|BIN|CUR)$/)))),
  /** Null: no source says that there are none. */
  hazards: sourced(z.nullable(z.array(hazard))),
  notes: z.array(sourced(text)),
});

export type Preset = Plain<z.infer<typeof presetSchema>>;

/** A preset of this station: one that Canopus comes with, or one that a person added. */
export const knownPresetSchema = z.extend(presetSchema, { isUsers: z.optional(z.literal(true)) });
export type KnownPreset = Plain<z.infer<typeof knownPresetSchema>>;
export type PresetVariant = Preset['variants'][number];
