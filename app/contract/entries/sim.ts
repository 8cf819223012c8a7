import * as z from 'zod/mini';
import { klippyStateSchema } from '../../pi/printer-status.ts';
import { portPathSchema } from '../../place.ts';
import { call, stream } from '../define.ts';
import { table } from '../table.ts';

/** A virtual board as the person at the bench sees it. */
const virtualBoard = z.object({
  id: z.string(),
  portPath: portPathSchema,
  mcu: z.string(),
  uid: z.string(),
  boot0: z.boolean(),
  /** Whether the virtual SD card is in its slot; null if it has none. */
  hasCard: z.nullable(z.boolean()),
  plugged: z.boolean(),
  on: z.boolean(),
  /** What runs on it: a mode, `off`, `starting` or `silent`. */
  running: z.string(),
  /** Why nothing shows on USB, in words; empty if something does. */
  why: z.string(),
  /** Faults that are armed, by kind. */
  faults: z.array(z.string()),
});

/** The printer of the virtual Pi as a person sees it. */
const virtualPi = z.object({
  id: z.literal('virtual'),
  /** False while the network to the Pi is down. */
  reachable: z.boolean(),
  klippy: klippyStateSchema,
  printing: z.boolean(),
  heating: z.boolean(),
  /** The API key that Moonraker requires; null if it requires none. */
  apiKey: z.nullable(z.string()),
});

export const simFaults = ['unplug-in-write', 'stuck-bit', 'read-protection', 'no-return', 'access'] as const;

export const simEntries = {
  'sim.watch': stream({
    input: z.null(),
    event: table(virtualBoard),
  }),
  /** Adds a virtual board, powered off and with empty flash, to the virtual bench. */
  'sim.add': call({
    input: z.strictObject({ mcu: z.enum(['stm32f407xx', 'stm32f429xx', 'stm32f446xx']) }),
    output: z.object({ id: z.string(), portPath: portPathSchema }),
  }),
  'sim.remove': call({ input: z.strictObject({ id: z.string() }), output: z.null() }),
  'sim.do': call({
    input: z.strictObject({
      id: z.string(),
      action: z.enum([
        'boot0-on',
        'boot0-off',
        'power-on',
        'power-off',
        'reset',
        'double-tap',
        'card-in',
        'card-out',
        'plug',
        'unplug',
        'mend',
      ]),
    }),
    output: z.null(),
  }),
  /** Arms a fault, once. */
  'sim.fault': call({
    input: z.strictObject({ id: z.string(), fault: z.enum(simFaults) }),
    output: z.null(),
  }),
  /** The virtual Pi; it exists once there is a virtual board. */
  'sim.watchPi': stream({
    input: z.null(),
    event: table(virtualPi),
  }),
  /** What a person does at the printer of the virtual Pi. Does nothing if there is none. */
  'sim.pi': call({
    input: z.strictObject({
      action: z.enum([
        'start-print',
        'end-print',
        'heat',
        'stop-heating',
        'emergency-stop',
        'edit-config',
        'reboot',
        'cut-network',
        'mend-network',
        'want-key',
        'want-no-key',
      ]),
    }),
    output: z.null(),
  }),
};
