import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { mcuSectionSchema } from '../printer-config/set-canbus.ts';
import { rebuildSchema } from './recorded-board.ts';
import { confirmedIdleSchema, printerRefSchema, type PrinterRef } from './printer-ref.ts';
import { bitrateSchema, canbusUuidSchema, interfaceNameSchema, txQueueSchema, usualBus } from '../units.ts';

/** What can bring a CAN interface up; `unit` is a systemd unit of this station. */
export const stacks = ['ifupdown', 'networkd', 'unit'] as const;
export type ChosenStack = (typeof stacks)[number];

/** The board of a section of printer.cfg. */
export const wishedBoardSchema = z.strictObject({ section: mcuSectionSchema, canbusUuid: canbusUuidSchema });

/** The wished state of an interface, and which board is which section of printer.cfg. */
const busGoal = {
  /** The network interface of the bridge. */
  interfaceName: interfaceNameSchema,
  /** The rate that the firmware of every board on the bus was built for. */
  bitrateBps: bitrateSchema,
  /** Frames that may wait; Klipper's documentation asks for 128, a longer queue only delays stale frames. */
  txQueueLength: txQueueSchema,
  /** Boards and their sections of printer.cfg; if empty, printer.cfg is not changed. */
  boards: z.array(wishedBoardSchema),
  /** The printer by its name among the facts; may be missing if there is only one, and in goals of earlier versions. */
  printer: z.optional(z.nullable(z.string().check(z.maxLength(1000)))),
};

/** The wished set-up of a Pi. */
export const piWishesSchema = z.strictObject({
  ...busGoal,
  stack: z.enum(['auto', ...stacks]),
  /** What to do about a `dtoverlay` that makes a HAT the first CAN interface. */
  hat: z.enum(['keep', 'comment-out']),
  /** Ties the interface's name to one board, by its USB serial number, which is the chip's UID. */
  pinToUsbSerial: z.nullable(z.string().check(z.regex(/^[A-Za-z0-9]{1,64}$/))),
  /** Removes rival configuration of the interface (keeping a backup), instead of only naming it. */
  removeRivals: z.boolean(),
  /** The printer.cfg; null for the one that Klipper runs with. */
  configPath: z.nullable(z.string().check(z.maxLength(1000))),
  restartKlipper: z.boolean(),
  confirmedIdle: confirmedIdleSchema,
});

export type PiWishes = Plain<z.infer<typeof piWishesSchema>>;

/** Some wishes, to be laid over others. */
export const somePiWishesSchema = z.partial(piWishesSchema);

export type SomePiWishes = Plain<z.infer<typeof somePiWishesSchema>>;

export const defaultWishes: PiWishes = {
  stack: 'auto',
  ...usualBus,
  interfaceName: 'can0',
  boards: [],
  printer: null,
  hat: 'keep',
  pinToUsbSerial: null,
  removeRivals: true,
  configPath: null,
  restartKlipper: true,
  confirmedIdle: false,
};

/** A file that is written, changed or removed. Contents are whole; null is no file. */
export interface FileStep {
  readonly kind: 'file';
  readonly path: string;
  readonly reason: string;
  readonly asRoot: boolean;
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
  /** For a new file; an existing one keeps its mode and owner. */
  readonly mode: number;
  /** The folder does not exist and is made; undo removes it if it is empty. */
  readonly makesFolder: boolean;
  /** `journal` if a hidden file beside the original would disturb the tool that manages its folder. */
  readonly backupPlace: 'beside' | 'journal';
}

const stepFields = { reason: z.string(), asRoot: z.boolean() };

/** A command that applies the files now, instead of at the next boot. */
export const commandStepSchema = z.object({
  ...stepFields,
  kind: z.literal('command'),
  argv: z.tuple([z.string()], z.string()),
  /** Accepted exit codes; `null` for any: some tools fail if there is nothing to do. */
  accepts: z.nullable(z.array(z.int())),
});

export type CommandStep = Plain<z.infer<typeof commandStepSchema>>;

/** Makes Klipper read its configuration again. */
export const klipperStepSchema = z.object({
  ...stepFields,
  kind: z.literal('klipper'),
  /** Through Moonraker if it replies, or else its unit. */
  via: z.enum(['moonraker', 'systemd']),
  unit: z.nullable(z.string()),
  /** Whose Klipper; may be missing if the Pi has one printer, and in steps of earlier versions. */
  printer: z.optional(printerRefSchema),
});

export type KlipperStep = Plain<z.infer<typeof klipperStepSchema>>;

export type PlanStep = FileStep | CommandStep | KlipperStep;

/** Something to know before agreeing. */
export const planNoteSchema = z.object({
  kind: z.enum(['note', 'warning']),
  text: z.string(),
  /** A board that can be built for the wished bit rate. */
  rebuild: z.optional(rebuildSchema),
});

export type PlanNote = Plain<z.infer<typeof planNoteSchema>>;

/** Why the plan may not be applied now. */
export const planBlockerSchema = z.object({
  code: z.enum([
    'pi/not-a-pi',
    'pi/printing',
    'pi/print-state-unknown',
    'pi/no-network-stack',
    'pi/no-printer-config',
    'pi/several-printers',
    'pi/printer-unknown',
    'pi/config-unread',
    'pi/ip-too-old',
    'pi/not-kept',
    'pi/read-only',
    'pi/disk-full',
    'pi/file-unreadable',
    'pi/name-taken',
    'pi/other-interface',
    'pi/sudo-missing',
    'pi/unfinished',
  ]),
  text: z.string(),
  /** The printers that a person may confirm to be idle. */
  printers: z.optional(z.array(z.string())),
});

export type PlanBlocker = Plain<z.infer<typeof planBlockerSchema>>;

/** The wished state when all is done; after `apply`, a proof checks exactly this. */
export const piGoalSchema = z.object(busGoal);

export type PiGoal = Plain<z.infer<typeof piGoalSchema>>;

/**
 * A list of changes, made from facts and wishes alone. A plan without steps is valid: nothing is left to do. `undo` has
 * commands around restoring the files: `before` and `after`.
 */
export interface PiPlan {
  readonly stack: ChosenStack | null;
  readonly steps: readonly PlanStep[];
  readonly undo: {
    readonly before: readonly CommandStep[];
    readonly after: readonly (CommandStep | KlipperStep)[];
  };
  readonly notes: readonly PlanNote[];
  readonly blockers: readonly PlanBlocker[];
  /** The printer.cfg that a person named, which may be in no usual place. */
  readonly configPath: string | null;
  /** The printer that is set up; null if none is changed. */
  readonly printer: PrinterRef | null;
  /** The printers of the Pi by name, to choose from. */
  readonly printers: readonly string[];
  readonly goal: PiGoal;
}
