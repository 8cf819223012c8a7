import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import type { CanInterface, UsbDeviceOnPi } from './can-interface.ts';

/** A file on the Pi as it was found. */
export interface PiFile {
  /** The requested path. */
  readonly path: string;
  /** Its real path, with links followed; changes go there. */
  readonly realPath: string;
  readonly bytes: Uint8Array;
  /** Octal permission bits as a number, such as 0o644. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  /** The logged-in user may replace it: may write to its folder and owns it. */
  readonly replaceable: boolean;
}

/** A systemd unit, from `systemctl show`. */
export interface UnitFacts {
  readonly name: string;
  /** False if there is no such unit. */
  readonly exists: boolean;
  readonly active: boolean;
  /** `enabled`, `disabled`, `masked`, `static`, ...; null if unknown. */
  readonly enabled: string | null;
}

export const sourceTreeSchema = z.object({
  path: z.string(),
  /** 40 hex digits. */
  commit: z.nullable(z.string()),
  /** From `git describe` or the tree itself. */
  version: z.nullable(z.string()),
});

export type SourceTree = Plain<z.infer<typeof sourceTreeSchema>>;

/** A line of /proc/mounts. */
export interface MountFacts {
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** Free space where a folder lies; null if `df` does not say. */
export interface RoomFacts {
  readonly folder: string;
  readonly freeKiB: number | null;
  /** Null also for file systems that have no fixed number. */
  readonly freeInodes: number | null;
}

/** An existing file that was not read. */
export interface UnreadFile {
  readonly path: string;
  readonly realPath: string;
  /** `dangling` is a link to a missing file, `no-file` a device or a pipe, `changing` grew while it was read. */
  readonly why: 'not-readable' | 'too-large' | 'folder' | 'dangling' | 'no-file' | 'changing';
}

/** Continues a sentence after the path. */
export function unreadWords(why: UnreadFile['why'], user: string): string {
  switch (why) {
    case 'not-readable':
      return `exists, but ${user} may not read it`;
    case 'too-large':
      return 'is larger than 4 MiB, which is not read';
    case 'folder':
      return 'is a folder';
    case 'dangling':
      return 'is a link to a missing file';
    case 'no-file':
      return 'is not an ordinary file';
    case 'changing':
      return 'changed while it was read; check again';
  }
}

export const moonrakerFactsSchema = z.object({
  /** Null if it is not running. */
  pid: z.nullable(z.number()),
  unit: z.nullable(z.string()),
  configPath: z.string(),
  dataPath: z.nullable(z.string()),
  /** The address it listens on; `0.0.0.0` and `all` mean every one. */
  host: z.string(),
  port: z.int(),
  /** The path at which it expects Klipper's API socket. */
  klippySocket: z.string(),
});

export type MoonrakerFacts = Plain<z.infer<typeof moonrakerFactsSchema>>;

/** One printer: a Klipper, running or set up to run, with the Moonraker before it. */
export const printerFactsSchema = z.object({
  /** Distinguishes it from other printers of this Pi: `printer_1` of ~/printer_1_data, or else the name of its unit. */
  name: z.string(),
  /** Null if it is not running: a unit names it, or it was found in the usual places. */
  pid: z.nullable(z.number()),
  /** The configuration file it is started with. */
  configPath: z.string(),
  /** The folder that its configuration, logs and sockets share (`~/printer_data`); null if it has none. */
  dataPath: z.nullable(z.string()),
  /** The systemd unit it runs under, or would; null if there is none. */
  unit: z.nullable(z.string()),
  /** Its API socket (`-a`); null if it has none. */
  apiSocket: z.nullable(z.string()),
  moonraker: z.nullable(moonrakerFactsSchema),
});

export type PrinterFacts = Plain<z.infer<typeof printerFactsSchema>>;

/** `free`: without a password. `none`: there is no sudo, or this user may not use it. */
export const sudoAbilities = ['root', 'free', 'password', 'none'] as const;

export const gsUsbStates = ['loaded', 'available', 'missing'] as const;

/** A change that this station made or began, from its journal on the Pi. */
export interface JournalFacts {
  readonly id: string;
  readonly state: string;
  /** The journal's text; the journal's own reader parses it. */
  readonly text: string;
}

/**
 * Everything that is known about a Pi before anything is planned. A fact that could not be found out is null or empty.
 */
export interface PiFacts {
  /** Prefix of the system's paths; empty on a real Pi, a folder in tests. */
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
  /** 32 or 64: of its programs. A 64-bit kernel may run a system of 32 bits. */
  readonly wordBits: number | null;
  /** How far its clock is ahead of the station's. */
  readonly clockSkewSeconds: number | null;
  readonly mounts: readonly MountFacts[];
  /** Of /, /tmp and the home. */
  readonly room: readonly RoomFacts[];
  /** The kernel's command line, in words. */
  readonly bootOptions: readonly string[];
  /** `ip` prints JSON, as iproute2 does since 4.14; busybox has another one. */
  readonly ipJson: boolean;
  /** Differs after every boot. */
  readonly bootId: string | null;
  /** systemd's version; null if systemd is not in charge. */
  readonly systemd: number | null;
  readonly tools: ReadonlySet<string>;
  readonly units: ReadonlyMap<string, UnitFacts>;
  readonly gsUsb: (typeof gsUsbStates)[number];
  readonly interfaces: readonly CanInterface[];
  /** What udev knows of each of them, by its name; none where udev did not say. */
  readonly udev: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** USB devices that the kernel shows; for boards of this station their serial number is the chip's UID. */
  readonly usb: readonly UsbDeviceOnPi[];
  /** Everything that can configure a CAN interface, and printer.cfg with what it includes; by path. */
  readonly files: ReadonlyMap<string, PiFile>;
  /** Lines about CAN of the table of cron of the user who logs in. */
  readonly crontab: readonly string[];
  /** Those of them that exist but could not be read; by path. */
  readonly unread: ReadonlyMap<string, UnreadFile>;
  /** Files that the user may not read and root has read: their content is known. */
  readonly readAsRoot?: readonly string[];
  /** Files that G-code of Kalico's configuration is taken from (`!!include`), and that are not there. */
  readonly absentScripts: ReadonlySet<string>;
  /** Git work trees that contain files of printer.cfg. */
  readonly gitTrees: readonly string[];
  /** Folders that exist, among those that a plan may write to. */
  readonly folders: ReadonlySet<string>;
  /** Running and stopped ones. */
  readonly printers: readonly PrinterFacts[];
  /** The host software of these sources; their parsers of printer.cfg differ in a few rules. */
  readonly hostSoftware: 'klipper' | 'kalico';
  readonly klipperTree: SourceTree | null;
  readonly katapultTree: SourceTree | null;
  /** All of them, including those that belong to no printer. */
  readonly moonrakers: readonly MoonrakerFacts[];
  readonly sudo: (typeof sudoAbilities)[number];
  /** Where Python's `can` module was found: the system's, or Klipper's environment. */
  readonly pythonCan: readonly string[];
  readonly journals: readonly JournalFacts[];
}
