import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { mcuSectionSchema } from '../printer-config/set-canbus.ts';
import { bitrateSchema, canbusUuidSchema, interfaceNameSchema, txQueueSchema, usualBus } from '../units.ts';

/** What can bring a CAN interface up; `unit` is a systemd unit of our own. */
export const stacks = ['ifupdown', 'networkd', 'unit'] as const;
export type ChosenStack = (typeof stacks)[number];

/** Which section of printer.cfg a board is. */
export const wishedBoardSchema = z.strictObject({ section: mcuSectionSchema, canbusUuid: canbusUuidSchema });

/** What an interface is to be, and which board is which section of printer.cfg. */
const busGoal = {
  /** The network interface of the bridge. */
  interfaceName: interfaceNameSchema,
  /** The rate that the firmware of every board on the bus was built for. */
  bitrateBps: bitrateSchema,
  /** Frames that may wait; Klipper's documentation asks for 128, a longer queue only delays stale frames. */
  txQueueLength: txQueueSchema,
  /** Boards and the sections of printer.cfg that they are; none leaves printer.cfg alone. */
  boards: z.array(wishedBoardSchema),
};

/** What a person wants of a Pi. */
export const piWishesSchema = z.strictObject({
  ...busGoal,
  stack: z.enum(['auto', ...stacks]),
  /** What to do about a `dtoverlay` that makes a HAT the first CAN interface. */
  hat: z.enum(['keep', 'comment-out']),
  /** Ties the interface's name to one board, by the USB serial number that is its chip's UID. */
  pinToUsbSerial: z.nullable(z.string().check(z.regex(/^[A-Za-z0-9]{1,64}$/))),
  /** Takes rival configuration of the interface out (into a backup), instead of only naming it. */
  removeRivals: z.boolean(),
  /** Which printer.cfg; null takes the one that Klipper runs with. */
  configPath: z.nullable(z.string().check(z.maxLength(1000))),
  restartKlipper: z.boolean(),
  /** A person has seen that the printer stands still. Counts only where nobody else can tell. */
  confirmedIdle: z.boolean(),
});

export type PiWishes = Plain<z.infer<typeof piWishesSchema>>;

/** Some of them, to be laid over others. */
export const somePiWishesSchema = z.partial(piWishesSchema);

export type SomePiWishes = Plain<z.infer<typeof somePiWishesSchema>>;

export const defaultWishes: PiWishes = {
  stack: 'auto',
  ...usualBus,
  interfaceName: 'can0',
  boards: [],
  hat: 'keep',
  pinToUsbSerial: null,
  removeRivals: true,
  configPath: null,
  restartKlipper: true,
  confirmedIdle: false,
};

/** A file that is written, changed or taken away. Contents are whole; null is no file. */
export interface FileStep {
  readonly kind: 'file';
  readonly path: string;
  readonly reason: string;
  readonly asRoot: boolean;
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
  /** Of a new file; an existing one keeps its own mode and owner. */
  readonly mode: number;
  /** The folder is not there yet and is made; undo removes it where it is empty. */
  readonly makesFolder: boolean;
  /** `journal` where a hidden file beside the original would be in the way of what manages its folder. */
  readonly backupPlace: 'beside' | 'journal';
}

const stepFields = { reason: z.string(), asRoot: z.boolean() };

/** A command that makes what the files say true now, instead of after the next boot. */
export const commandStepSchema = z.object({
  ...stepFields,
  kind: z.literal('command'),
  argv: z.tuple([z.string()], z.string()),
  /** Exit codes that are fine; `null` for any: some tools fail where there is nothing to do. */
  accepts: z.nullable(z.array(z.int())),
});

export type CommandStep = Plain<z.infer<typeof commandStepSchema>>;

/** Lets Klipper read its configuration anew. */
export const klipperStepSchema = z.object({
  ...stepFields,
  kind: z.literal('klipper'),
  /** Through Moonraker where it answers, else the unit. */
  via: z.enum(['moonraker', 'systemd']),
  unit: z.nullable(z.string()),
});

export type KlipperStep = Plain<z.infer<typeof klipperStepSchema>>;

export type PlanStep = FileStep | CommandStep | KlipperStep;

/** Something to know before saying yes. */
export const planNoteSchema = z.object({ kind: z.enum(['note', 'warning']), text: z.string() });

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
    'pi/config-unread',
    'pi/file-unreadable',
    'pi/sudo-missing',
    'pi/unfinished',
  ]),
  text: z.string(),
});

export type PlanBlocker = Plain<z.infer<typeof planBlockerSchema>>;

/** What the interface shall be when all is done; `apply` is followed by a proof of exactly this. */
export const piGoalSchema = z.object(busGoal);

export type PiGoal = Plain<z.infer<typeof piGoalSchema>>;

/**
 * A list of changes, made from facts and wishes alone. No steps is a valid plan: nothing is left to do. `undo` runs
 * around the files' own way back: `before` while they still say what was applied, `after` when they are as they were.
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
  readonly goal: PiGoal;
}
