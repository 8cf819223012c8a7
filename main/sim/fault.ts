import { z } from 'zod';
import { knownModes } from '../../app/boards/board-mode.ts';

/** Which program must run for a fault to strike. */
export const FaultMode = z.enum(knownModes);
export type FaultMode = z.infer<typeof FaultMode>;

const count = z.int().nonnegative();
const ordinal = z.int().positive();

/**
 * A fault that strikes exactly once, at an exact place, counted from when it was armed. The exceptions are properties
 * of the board: `strict-polling`, `stuck-bit`, `read-protection` and `access`.
 *
 * `only` counts just one kind of request: a DFU bRequest (3 = GETSTATUS), a Katapult command (0x12 = SEND_BLOCK).
 */
export const Fault = z.discriminatedUnion('kind', [
  /**
   * The cable is pulled. `after` counts, in this phase: `request` requests or commands handled, `erase` sectors erased
   * (the next one is left half erased), `write` bytes programmed, `read` bytes read back, `leave` attempts to start the
   * application.
   */
  z.strictObject({
    kind: z.literal('unplug'),
    mode: FaultMode,
    phase: z.enum(['request', 'erase', 'write', 'read', 'leave']),
    after: count,
  }),
  /** The n-th class or vendor request gets STALL. */
  z.strictObject({ kind: z.literal('stall'), mode: FaultMode, nth: ordinal, only: count.optional() }),
  /** The n-th reply never arrives; the device did what was requested. */
  z.strictObject({ kind: z.literal('lost-answer'), mode: FaultMode, nth: ordinal, only: count.optional() }),
  /** One byte of the n-th reply arrives changed: the one at `offset`, or the last one. */
  z.strictObject({
    kind: z.literal('corrupt-answer'),
    mode: FaultMode,
    nth: ordinal,
    only: count.optional(),
    offset: count.optional(),
    xor: z.int().min(1).max(255).default(1),
  }),
  /** Katapult replies "busy" to the n-th command and does not carry it out. */
  z.strictObject({ kind: z.literal('busy-answer'), nth: ordinal, only: count.optional() }),
  /** ROM DFU stays in dfuDNBUSY from the n-th operation on (0: from the start) until reset, or until ABORT or CLRSTATUS. */
  z.strictObject({
    kind: z.literal('busy-forever'),
    operation: count,
    clearedBy: z.enum(['reset', 'abort']).default('reset'),
  }),
  /** Before the first request, ROM DFU is in dfuERROR with status 0x0A errFIRMWARE. */
  z.strictObject({ kind: z.literal('first-status-error') }),
  /** ROM DFU treats a status request before the announced time is over as an error. */
  z.strictObject({ kind: z.literal('strict-polling') }),
  /** A bit of flash that cannot be programmed (1) or erased (0). */
  z.strictObject({
    kind: z.literal('stuck-bit'),
    address: count,
    bit: z.int().min(0).max(7),
    sticksAt: z.union([z.literal(0), z.literal(1)]).default(1),
  }),
  /** Read protection level 1 is set; removing it through the ROM erases everything. */
  z.strictObject({ kind: z.literal('read-protection') }),
  /** The GETSTATUS that leaves DFU gets no reply: the device is gone first. */
  z.strictObject({ kind: z.literal('leave-unanswered') }),
  /** After the next reset or leave, the board stays off USB until the one after. */
  z.strictObject({ kind: z.literal('no-return') }),
  /** The next enumeration takes this much longer. */
  z.strictObject({ kind: z.literal('slow-enumeration'), extraMs: z.number().nonnegative() }),
  /** The next time the BOOT0 jumper should come off, it stays on. */
  z.strictObject({ kind: z.literal('jumper-stays') }),
  /** The operating system refuses to open the device. */
  z.strictObject({
    kind: z.literal('access'),
    code: z.enum(['link/access', 'link/busy', 'link/no-driver', 'link/io']),
  }),
]);

export type Fault = z.output<typeof Fault>;
export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;
export type FaultPhase = FaultOf<'unplug'>['phase'];
