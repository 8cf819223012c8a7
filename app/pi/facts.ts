import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import type { CanInterface, UsbDeviceOnPi } from './can-interface.ts';

/** A file on the Pi as it was found. */
export interface PiFile {
  /** The path it was asked for by. */
  readonly path: string;
  /** Where it really is, links followed; changes go there. */
  readonly realPath: string;
  readonly bytes: Uint8Array;
  /** Octal permission bits as a number, such as 0o644. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  /** The user who looked may replace it: may write into its folder and owns it. */
  readonly replaceable: boolean;
}

export type NetworkStack = 'ifupdown' | 'networkd';

/** A systemd unit, as `systemctl show` tells. */
export interface UnitFacts {
  readonly name: string;
  /** False where there is no such unit. */
  readonly exists: boolean;
  readonly active: boolean;
  /** `enabled`, `disabled`, `masked`, `static`, ...; null where unknown. */
  readonly enabled: string | null;
}

export const sourceTreeSchema = z.object({
  path: z.string(),
  /** 40 hex digits. */
  commit: z.nullable(z.string()),
  /** As `git describe` or the tree itself tells it. */
  version: z.nullable(z.string()),
});

export type SourceTree = Plain<z.infer<typeof sourceTreeSchema>>;

/** One Klipper host process, or where one would be. */
export const klipperInstanceSchema = z.object({
  /** Null where it does not run and the path was guessed from the usual places. */
  pid: z.nullable(z.number()),
  /** The configuration file it was started with. */
  configPath: z.string(),
  /** The unit it runs under; null where it does not run or not under systemd. */
  unit: z.nullable(z.string()),
  /** Its API socket (`-a`), null where it has none. */
  apiSocket: z.nullable(z.string()),
});

export type KlipperInstance = Plain<z.infer<typeof klipperInstanceSchema>>;

export const moonrakerFactsSchema = z.object({ port: z.int(), running: z.boolean() });

export type MoonrakerFacts = Plain<z.infer<typeof moonrakerFactsSchema>>;

/** `free`: no password is asked. `none`: there is no sudo, or this user is not among those who may use it. */
export const sudoAbilities = ['root', 'free', 'password', 'none'] as const;

export const gsUsbStates = ['loaded', 'available', 'missing'] as const;

/** A change that this station made, or began to make, as its journal on the Pi says. */
export interface JournalFacts {
  readonly id: string;
  readonly state: string;
  /** The journal's text; what is in it is for the journal's own reader. */
  readonly text: string;
}

/** Everything that is known about a Pi before anything is planned. What could not be found out is null or empty. */
export interface PiFacts {
  /** Stands before the system's paths; empty on a real Pi, a folder in tests. */
  readonly root: string;
  readonly user: string;
  readonly userId: number;
  readonly groups: readonly string[];
  readonly home: string;
  readonly hostName: string | null;
  /** `PRETTY_NAME` of /etc/os-release. */
  readonly os: string | null;
  /** `VERSION_ID` of /etc/os-release. */
  readonly osVersion: string | null;
  readonly model: string | null;
  readonly kernel: string | null;
  readonly machine: string | null;
  /** Differs after every boot. */
  readonly bootId: string | null;
  /** systemd's version, null where it is not in charge. */
  readonly systemd: number | null;
  readonly tools: ReadonlySet<string>;
  readonly units: ReadonlyMap<string, UnitFacts>;
  readonly gsUsb: (typeof gsUsbStates)[number];
  readonly interfaces: readonly CanInterface[];
  /** USB devices that the kernel shows; their serial number is the chip's UID for boards of this station. */
  readonly usb: readonly UsbDeviceOnPi[];
  /** Everything that can configure a CAN interface, and printer.cfg with what it includes; by path. */
  readonly files: ReadonlyMap<string, PiFile>;
  /** Folders that exist, among those that a plan may write to. */
  readonly folders: ReadonlySet<string>;
  readonly klipper: readonly KlipperInstance[];
  readonly klipperTree: SourceTree | null;
  readonly katapultTree: SourceTree | null;
  readonly moonraker: MoonrakerFacts | null;
  readonly sudo: (typeof sudoAbilities)[number];
  /** Where Python's `can` module was found: the system's, Klipper's environment. */
  readonly pythonCan: readonly string[];
  readonly journals: readonly JournalFacts[];
}
