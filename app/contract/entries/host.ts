import * as z from 'zod/mini';
import { call, stream } from '../define.ts';

export const hostEntries = {
  /** Commands to the window from the program around it: a menu item was chosen. */
  'host.events': stream({
    input: z.null(),
    event: z.object({
      type: z.literal('go'),
      page: z.enum(['bench', 'flow', 'firmware', 'pi', 'history', 'settings', 'help']),
    }),
  }),
  /** Lets the person choose a folder on the station's computer; null if they do not. Only if `features` has it. */
  'host.chooseFolder': call({ input: z.null(), output: z.nullable(z.string()) }),
  /**
   * Saves a file that the window made in a folder that the person chooses; null if they choose none. Only if `features`
   * has `choose-folder`; throws `file/…`.
   */
  'host.saveFile': call({
    input: z.strictObject({
      name: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.(?:json|pdf|zip)$/)),
      base64: z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/)),
    }),
    output: z.nullable(z.object({ path: z.string() })),
  }),
  /**
   * For a second start of this program: the station brings its window to the front (null), or returns a link for a
   * browser. Throws `usage/invalid` to pages, which have a window.
   */
  'host.show': call({ input: z.null(), output: z.nullable(z.string()) }),
};
