import * as z from 'zod/mini';

/** Whether terminals of this computer find `canopus`, where the package alone cannot see to it. */
export const commandLineSchema = z.object({
  /**
   * `none`: not for this program to install (a checkout, or a package that does it by itself). `older`: of an earlier
   * version. `taken`: another file has the name. `move-first`: the program runs from a disk image.
   */
  state: z.enum(['none', 'offered', 'installed', 'older', 'taken', 'move-first']),
  /** What terminals find. */
  file: z.nullable(z.string()),
  /** Whether the folder of that file is on the PATH that this program was started with. */
  isOnPath: z.boolean(),
  /** To be run by an administrator; null if the button can do it. */
  command: z.nullable(z.string()),
});
export type CommandLineView = z.infer<typeof commandLineSchema>;
