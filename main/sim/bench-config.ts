import { z } from 'zod';
import { driverKinds } from '../../app/boards/device-driver.ts';
import { CanopusError } from '../../app/errors.ts';
import { flashSizesKiB, maxFlashKiB, mcuNames, type McuName } from '../../app/mcu/mcu.ts';
import { isRpMcu } from '../../app/mcu/rp-boot.ts';
import { parseCanbusUuid, parseUid, usualBus } from '../../app/units.ts';
import type { PortPath as PortPathText } from '../../app/place.ts';
import { CanNode } from './can/toolhead-config.ts';
import { Fault } from './fault.ts';
import { usualCrystalHz } from './usual-crystal.ts';
import { foreignNames } from './foreign/foreign-catalog.ts';

const CanbusUuid = z
  .string()
  .refine((text) => parseCanbusUuid(text) !== null, '12 hex digits')
  .toLowerCase();

/** A number, or hexadecimal text: "0x08008000". */
export const FlashAddress = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^0x[0-9a-fA-F]+$/)
    .transform(Number),
]);

/** `1-4.2`: bus 1, port 4 of its root hub, port 2 of the hub there. */
export const PortPath = z
  .string()
  .regex(/^[1-9]\d*-[1-9]\d*(\.[1-9]\d*){0,5}$/, 'a port path such as 1-4.2')
  .transform((text) => text as PortPathText);

/** Initial bytes of flash: a file beside the bench file, or the bytes themselves. */
const FlashContent = z.strictObject({
  address: FlashAddress,
  file: z.string().optional(),
  bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes').optional(),
});

/** What the ROM bootloader reports if it differs from the MCU's own: a chip of another family or another maker. */
const RomConfig = z.strictObject({
  /** The names of the alternate settings, the flash at 0x08000000 among them. */
  memories: z.array(z.string().min(1).max(120)).min(1).max(8).optional(),
  /** The USB serial number; null for none. */
  serial: z.string().min(1).max(60).nullable().optional(),
});
export type RomConfig = z.output<typeof RomConfig>;

export const BoardConfig = z
  .strictObject({
    id: z.string().min(1).max(40),
    mcu: z.enum(mcuNames),
    /** The chip's unique id, as its USB serial number shows it. */
    uid: z.string().refine((text) => parseUid(text) !== null, '24 hex digits, of an RP2040 or RP2350 16'),
    port: PortPath,
    flashKiB: z.int().positive().optional(),
    /** BOOT0 jumper. */
    boot0: z.boolean().default(false),
    /** Power switch. */
    powered: z.boolean().default(true),
    /** USB cable. */
    plugged: z.boolean().default(true),
    /** The source of power: with `usb`, pulling the cable cuts the power. */
    supply: z.enum(['usb', 'external']).default('usb'),
    /** Default: 12 MHz for F446, 25 MHz for the H7, 8 MHz for the others. */
    crystalHz: z.int().positive().optional(),
    /** Default: PD0, PD1; gpio4, gpio5. */
    canPins: z.tuple([z.string(), z.string()]).optional(),
    /** The rate of the bridge's CAN bus if the image does not state it. */
    bitrateBps: z.int().positive().default(usualBus.bitrateBps),
    /** Whether ROM DFU can read the chip's UID. Default: not on F405 and F407. */
    uidReadable: z.boolean().optional(),
    rom: RomConfig.optional(),
    /** From the pull-up to enumeration. */
    enumerationMs: z.number().nonnegative().default(300),
    flash: z.array(FlashContent).default([]),
    /** The maker's bootloader, until the start of flash is written: takes this file from an SD card, for this offset. */
    cardBootloader: z
      .strictObject({
        file: z.string().regex(/^\w+\.\w+$/),
        offsetKiB: z.int().positive(),
      })
      .optional(),
    canNodes: z.array(CanNode).default([]),
    /** False: its CAN bus has no termination, so no node hears another. */
    canTerminated: z.boolean().default(true),
    /** The chance of each bit on its CAN bus to arrive wrong. */
    canBitErrorRate: z.number().min(0).max(0.1).default(0),
    /**
     * The USB names that this board's Klipper builds are configured with; the default is Klipper's: the MCU, the UID.
     */
    manufacturer: z.string().max(60).optional(),
    product: z.string().max(60).optional(),
    serial: z.string().max(60).optional(),
    /** The UUID of a Klipper built with a fixed one (Kalico); default: from the UID. */
    canbusUuid: CanbusUuid.optional(),
    faults: z.array(Fault).default([]),
  })
  .transform((board) => ({
    ...board,
    flashKiB: board.flashKiB ?? usualFlashKiB(board.mcu),
    canPins: board.canPins ?? usualCanPins(board.mcu),
    crystalHz: board.crystalHz ?? usualCrystalHz(board.mcu),
    uidReadable: board.uidReadable ?? !['stm32f405xx', 'stm32f407xx'].includes(board.mcu),
  }))
  .refine((board) => flashSizesKiB(board.mcu).includes(board.flashKiB), {
    path: ['flashKiB'],
    message: 'no size that this MCU is sold with',
  });
export type BoardConfig = z.output<typeof BoardConfig>;

const Driver = z.enum(driverKinds);

/** The system that shows the boards to the station, and its effect on them. */
const SeenAs = z.strictObject({
  system: z.enum(['win32', 'darwin']),
  /** Windows: the driver bound to a board in each mode. */
  drivers: z
    .strictObject({
      dfu: Driver.optional(),
      bootsel: Driver.optional(),
      katapult: Driver.optional(),
      'klipper-serial': Driver.optional(),
      'can-bridge': Driver.optional(),
    })
    .optional(),
  /** Windows: false if its own list of devices cannot be read. */
  hasDeviceTree: z.boolean().optional(),
});

const Hub = z.strictObject({ port: PortPath, ports: z.int().positive().default(4) });

/** A bench file, see docs/virtual-bench.md. */
export const BenchConfig = z
  .strictObject({
    /** Multiplies every duration of every board. */
    timeScale: z.number().min(0).max(100).optional(),
    /** Whether the operating system reports that a device on a port cannot be enumerated. */
    tellsUnreadable: z.boolean().default(true),
    /** Default: Linux. */
    seenAs: SeenAs.optional(),
    hubs: z.array(Hub).default([]),
    /** Other devices that are plugged in. */
    foreign: z.array(z.strictObject({ kind: z.enum(foreignNames), port: PortPath })).default([]),
    boards: z.array(BoardConfig).max(256),
  })
  .superRefine((bench, context) => {
    for (const key of ['id', 'port'] as const) {
      const seen = new Set<string>();
      bench.boards.forEach((board, index) => {
        if (seen.has(board[key])) {
          const message = `another board has the same ${key}: ${board[key]}`;
          context.addIssue({ code: 'custom', path: ['boards', index, key], message });
        }
        seen.add(board[key]);
      });
    }
  });
export type BenchConfig = z.output<typeof BenchConfig>;
export type BenchInput = z.input<typeof BenchConfig>;
export type BoardInput = z.input<typeof BoardConfig>;

/** Throws `usage/invalid` for the first invalid field; the message calls the input `what`. */
export function parseBench<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  const at = field === '' ? '' : `${field}: `;
  throw new CanopusError('usage/invalid', `${what}: ${at}${issue?.message ?? ''}.`, { field });
}

/** The parts on most boards. */
function usualFlashKiB(mcu: McuName): number {
  const usual = {
    stm32f446xx: 512,
    stm32f429xx: 1024,
    stm32g0b1xx: 128,
    stm32f103xe: 64,
    rp2040: 2048,
    rp2350: 2048,
  };
  return Object.hasOwn(usual, mcu) ? usual[mcu as keyof typeof usual] : maxFlashKiB(mcu);
}

function usualCanPins(mcu: McuName): [string, string] {
  return isRpMcu(mcu) ? ['gpio4', 'gpio5'] : ['PD0', 'PD1'];
}
