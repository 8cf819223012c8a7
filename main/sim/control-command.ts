import { z } from 'zod';
import { BoardConfig, FlashAddress, PortPath } from './bench-config.ts';
import { Fault } from './fault.ts';

const id = z.union([z.string(), z.number()]).optional();
const board = z.string();

/** One line of the control channel, by its `do`. An `id` comes back in the reply. */
export const ControlCommand = z.discriminatedUnion('do', [
  z.strictObject({ id, do: z.literal('list') }),
  /** Also sends every event from now on. */
  z.strictObject({ id, do: z.literal('watch') }),
  z.strictObject({ id, do: z.literal('jumper'), board, on: z.boolean() }),
  z.strictObject({ id, do: z.literal('power'), board, on: z.boolean() }),
  z.strictObject({ id, do: z.enum(['reset', 'doubleTap', 'plug', 'unplug']), board }),
  z.strictObject({ id, do: z.literal('move'), board, port: PortPath }),
  z.strictObject({ id, do: z.literal('swap'), board, with: z.string() }),
  z.strictObject({ id, do: z.literal('hub'), port: PortPath, plugged: z.boolean() }),
  z.strictObject({ id, do: z.literal('fault'), board, fault: Fault }),
  z.strictObject({ id, do: z.literal('clearFaults'), board }),
  /** Flash into a file, or into the reply as base64; without an address all of it. */
  z.strictObject({
    id,
    do: z.literal('dump'),
    board,
    address: FlashAddress.optional(),
    length: z.int().positive().optional(),
    file: z.string().optional(),
  }),
  z.strictObject({ id, do: z.literal('load'), board, address: FlashAddress, file: z.string() }),
  z.strictObject({ id, do: z.literal('add'), config: BoardConfig }),
  z.strictObject({ id, do: z.literal('remove'), board }),
]);

export type ControlCommand = z.output<typeof ControlCommand>;
