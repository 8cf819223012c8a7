import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';

/** A USB device as /sys/bus/usb/devices shows it. */
export const usbDeviceOnPiSchema = z.object({
  /** The kernel's name, bus and port chain: `1-1.2`. */
  busPort: z.string(),
  vendorId: z.int(),
  productId: z.int(),
  serial: z.nullable(z.string()),
  product: z.nullable(z.string()),
  manufacturer: z.nullable(z.string()),
});

export type UsbDeviceOnPi = Plain<z.infer<typeof usbDeviceOnPiSchema>>;

/** Linux `enum can_state` (include/uapi/linux/can/netlink.h), as `ip` spells it. */
const canStateSchema = z.enum([
  'ERROR-ACTIVE',
  'ERROR-WARNING',
  'ERROR-PASSIVE',
  'BUS-OFF',
  'STOPPED',
  'SLEEPING',
]);

/** A CAN network interface. */
export const canInterfaceSchema = z.object({
  name: z.string(),
  index: z.int(),
  up: z.boolean(),
  bitrateBps: z.nullable(z.number()),
  txQueueLength: z.number(),
  state: z.nullable(canStateSchema),
  /** Error counters of the controller, if its driver reports them. */
  txErrors: z.nullable(z.number()),
  rxErrors: z.nullable(z.number()),
  busOffCount: z.nullable(z.number()),
  rxFrames: z.number(),
  txFrames: z.number(),
  driver: z.nullable(z.string()),
  /** The USB device it belongs to; null for a HAT or a virtual one. */
  usb: z.nullable(usbDeviceOnPiSchema),
});

export type CanInterface = Plain<z.infer<typeof canInterfaceSchema>>;

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/**
 * Reads the CAN interfaces from `ip -d -s -j link show` (iproute2, ip/iplink.c and ip/iplink_can.c). Returns none for
 * text that is not such JSON: an old `ip` prints other things.
 */
export function parseIpLinks(text: string): CanInterface[] {
  let all: unknown;
  try {
    all = JSON.parse(text);
  } catch {
    return [];
  }
  return (Array.isArray(all) ? all : []).flatMap((each: unknown) => {
    const link = object(each);
    if (link['link_type'] !== 'can' || typeof link['ifname'] !== 'string') return [];
    const info = object(link['linkinfo']);
    const data = object(info['info_data']);
    const counter = object(data['berr_counter']);
    const statistics = object(info['info_xstats']);
    const traffic = object(link['stats64'] ?? link['stats']);
    const flags: unknown = link['flags'];
    const state = canStateSchema.safeParse(data['state']);
    return [
      {
        name: link['ifname'],
        index: number(link['ifindex']) ?? 0,
        up: Array.isArray(flags) && flags.includes('UP'),
        bitrateBps: number(object(data['bittiming'])['bitrate']),
        txQueueLength: number(link['txqlen']) ?? 0,
        state: state.success ? state.data : null,
        txErrors: number(counter['tx']),
        rxErrors: number(counter['rx']),
        busOffCount: number(statistics['bus_off']),
        rxFrames: number(object(traffic['rx'])['packets']) ?? 0,
        txFrames: number(object(traffic['tx'])['packets']) ?? 0,
        driver: null,
        usb: null,
      },
    ];
  });
}

/**
 * A line of the report's `can-devices` part, as /sys/class/net has it: name, driver, device, index, flags in
 * hexadecimal, queue length, received and sent frames, separated by tabs. Bit rate and state are not there.
 */
export function parseSysInterface(line: string): CanInterface {
  const [name = '', , , index, flags, queue, received, sent] = line.split('\t');
  const count = (text: string | undefined): number => (/^\d+$/.test(text ?? '') ? Number(text) : 0);
  return {
    name,
    index: count(index),
    // IFF_UP of linux/if.h.
    up: (Number.parseInt(flags ?? '0', 16) & 1) === 1,
    bitrateBps: null,
    txQueueLength: count(queue),
    state: null,
    txErrors: null,
    rxErrors: null,
    busOffCount: null,
    rxFrames: count(received),
    txFrames: count(sent),
    driver: null,
    usb: null,
  };
}

/** A line of the report's `usb` part: `1-1.2 1d50 606f`, then serial, product and manufacturer separated by tabs. */
export function parseUsbLine(line: string): UsbDeviceOnPi | null {
  const [ids = '', serial = '', product = '', manufacturer = ''] = line.split('\t');
  const match = /^(\d+-[\d.]+) ([0-9a-fA-F]{4}) ([0-9a-fA-F]{4})$/.exec(ids.trim());
  if (!match?.[1] || !match[2] || !match[3]) return null;
  return {
    busPort: match[1],
    vendorId: Number.parseInt(match[2], 16),
    productId: Number.parseInt(match[3], 16),
    serial: serial === '' ? null : serial,
    product: product === '' ? null : product,
    manufacturer: manufacturer === '' ? null : manufacturer,
  };
}
