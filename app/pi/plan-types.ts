import { usualBus } from '../units.ts';
/** What a person wants of a Pi. */
export interface PiWishes {
  readonly stack: 'auto' | 'ifupdown' | 'networkd' | 'unit';
  /** The rate that the firmware of every board on the bus was built for. */
  readonly bitrateBps: number;
  /** Frames that may wait; Klipper's documentation asks for 128, a longer queue only delays stale frames. */
  readonly txQueueLength: number;
  /** The network interface of the bridge. */
  readonly interfaceName: string;
  /** Boards and the sections of printer.cfg that they are; none leaves printer.cfg alone. */
  readonly boards: readonly { readonly section: string; readonly canbusUuid: string }[];
  /** What to do about a `dtoverlay` that makes a HAT the first CAN interface. */
  readonly hat: 'keep' | 'comment-out';
  /** Ties the interface's name to one board, by the USB serial number that is its chip's UID. */
  readonly pinToUsbSerial: string | null;
  /** Takes rival configuration of the interface out (into a backup), instead of only naming it. */
  readonly removeRivals: boolean;
  /** Which printer.cfg; null takes the one that Klipper runs with. */
  readonly configPath: string | null;
  readonly restartKlipper: boolean;
  /** A person has seen that the printer stands still. Counts only where nobody else can tell. */
  readonly confirmedIdle: boolean;
}

/** Some of them, to be laid over others. */
export type SomePiWishes = { readonly [Name in keyof PiWishes]?: PiWishes[Name] | undefined };

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
}

/** A command that makes what the files say true now, instead of after the next boot. */
export interface CommandStep {
  readonly kind: 'command';
  readonly argv: readonly [string, ...string[]];
  readonly reason: string;
  readonly asRoot: boolean;
  /** Exit codes that are fine; `null` for any: some tools fail where there is nothing to do. */
  readonly accepts: readonly number[] | null;
}

/** Lets Klipper read its configuration anew. */
export interface KlipperStep {
  readonly kind: 'klipper';
  readonly reason: string;
  /** Through Moonraker where it answers, else the unit. */
  readonly via: 'moonraker' | 'systemd';
  readonly unit: string | null;
  readonly asRoot: boolean;
}

export type PlanStep = FileStep | CommandStep | KlipperStep;

/** Something to know before saying yes. */
export interface PlanNote {
  readonly kind: 'note' | 'warning';
  readonly text: string;
}

/** Why the plan may not be applied now. */
export interface PlanBlocker {
  readonly code:
    | 'pi/not-a-pi'
    | 'pi/printing'
    | 'pi/print-state-unknown'
    | 'pi/no-network-stack'
    | 'pi/no-printer-config'
    | 'pi/several-printers'
    | 'pi/sudo-missing'
    | 'pi/unfinished';
  readonly text: string;
}

/**
 * A list of changes, made from facts and wishes alone. No steps is a valid plan: nothing is left to do. `undo` runs
 * around the files' own way back: `before` while they still say what was applied, `after` when they are as they were.
 */
export interface PiPlan {
  readonly stack: 'ifupdown' | 'networkd' | 'unit' | null;
  readonly steps: readonly PlanStep[];
  readonly undo: {
    readonly before: readonly CommandStep[];
    readonly after: readonly (CommandStep | KlipperStep)[];
  };
  readonly notes: readonly PlanNote[];
  readonly blockers: readonly PlanBlocker[];
  /** What the interface shall be when all is done; `apply` is followed by a proof of exactly this. */
  readonly goal: {
    readonly interfaceName: string;
    readonly bitrateBps: number;
    readonly txQueueLength: number;
    readonly boards: PiWishes['boards'];
  };
}
