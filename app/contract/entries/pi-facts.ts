import * as z from 'zod/mini';
import type { CanInterface, UsbDeviceOnPi } from '../../pi/can-interface.ts';
import type { Check } from '../../pi/check.ts';
import type { PrinterAnswer } from '../../pi/printer-status.ts';
import type { FactsSummary } from '../../pi/summary.ts';
import { describes } from '../define.ts';
import { somePiWishes } from './pi-plan.ts';

const text = z.string();
const maybeText = z.nullable(text);
const maybeNumber = z.nullable(z.number());

const usbDevice = describes<UsbDeviceOnPi>()(
  z.object({
    busPort: text,
    vendorId: z.int(),
    productId: z.int(),
    serial: maybeText,
    product: maybeText,
  }),
);

const canInterface = describes<CanInterface>()(
  z.object({
    name: text,
    index: z.int(),
    up: z.boolean(),
    bitrateBps: maybeNumber,
    txQueueLength: z.number(),
    state: z.nullable(
      z.enum(['ERROR-ACTIVE', 'ERROR-WARNING', 'ERROR-PASSIVE', 'BUS-OFF', 'STOPPED', 'SLEEPING']),
    ),
    txErrors: maybeNumber,
    rxErrors: maybeNumber,
    busOffCount: maybeNumber,
    rxFrames: z.number(),
    txFrames: z.number(),
    driver: maybeText,
    usb: z.nullable(usbDevice),
  }),
);

const printer = describes<PrinterAnswer>()(
  z.union([
    z.object({
      kind: z.literal('status'),
      status: z.object({
        source: z.enum(['moonraker', 'klipper']),
        klippy: z.enum(['ready', 'startup', 'shutdown', 'error', 'disconnected']),
        message: maybeText,
        activity: z.enum(['idle', 'printing', 'paused', 'moving']),
        softwareVersion: maybeText,
        mcus: z.array(z.object({ section: text, version: maybeText })),
      }),
    }),
    z.object({ kind: z.literal('not-running') }),
    z.object({ kind: z.literal('auth-needed') }),
    z.object({ kind: z.literal('unreachable') }),
  ]),
);

const sourceTree = z.nullable(z.object({ path: text, commit: maybeText, version: maybeText }));

/** As `summariseFacts` makes them. */
export const piFacts = describes<FactsSummary>()(
  z.object({
    system: z.object({
      hostName: maybeText,
      os: maybeText,
      model: maybeText,
      kernel: maybeText,
      machine: maybeText,
      user: text,
      sudo: z.enum(['root', 'free', 'password', 'none']),
      systemd: maybeNumber,
    }),
    network: z.object({
      gsUsb: z.enum(['loaded', 'available', 'missing']),
      stack: z.nullable(z.enum(['ifupdown', 'networkd', 'unit'])),
      why: text,
      interfaces: z.array(canInterface),
      configuredBy: z.array(text),
      hat: z.array(z.object({ path: text, line: z.int(), text })),
      usb: z.array(usbDevice),
    }),
    klipper: z.object({
      instances: z.array(
        z.object({ pid: maybeNumber, configPath: text, unit: maybeText, apiSocket: maybeText }),
      ),
      tree: sourceTree,
      katapult: sourceTree,
      moonraker: z.nullable(z.object({ port: z.int(), running: z.boolean() })),
      pythonCan: z.array(text),
      configs: z.array(
        z.object({
          path: text,
          files: z.array(text),
          boards: z.array(z.object({ section: text, canbusUuid: text, canbusInterface: text })),
          problems: z.array(
            z.object({
              path: text,
              line: z.int(),
              pattern: text,
              problem: z.enum(['include-missing', 'include-recursive']),
            }),
          ),
        }),
      ),
      printer,
    }),
    changes: z.array(z.object({ id: text, state: text })),
  }),
);

/** One of the doctor's questions with its answer. */
export const piCheck = describes<Check>()(
  z.object({
    id: text,
    question: text,
    verdict: z.enum(['fine', 'look', 'wrong', 'unknown']),
    answer: text,
    why: text,
    fix: z.union([
      z.object({ kind: z.literal('none') }),
      z.object({ kind: z.literal('plan'), wishes: somePiWishes }),
      z.object({ kind: z.literal('hands'), text }),
    ]),
  }),
);
