/** One step for a person, with the parts of the board that it is about. */
interface Step {
  readonly parts: readonly string[];
}

/**
 * What USB shows about a board that a person works on:
 * - `nothing`: it was not seen yet.
 * - `here`: it is there, as it was before the first step.
 * - `off`: it left USB: its power is off.
 * - `wrong`: it came back, but not in the mode that the steps lead to.
 */
export type HandSight = 'nothing' | 'here' | 'off' | 'wrong';

/** Indexes into the steps. */
export interface HandProgress {
  /** USB has shown that every step before this one is done. */
  readonly done: number;
  /** The first of the steps that a person may be at. */
  readonly at: number;
}

/** The step that takes the board off USB, and the one that brings it back; null if no step does. */
function usbSteps(steps: readonly Step[]): { readonly off: number | null; readonly on: number | null } {
  const indexes = steps.flatMap(({ parts }, index) => (parts.some(isUsbPort) ? [index] : []));
  const [first = null] = indexes;
  const on = indexes.at(-1) ?? null;
  return { off: first === on ? null : first, on };
}

/** `usb` and `usb-c`, not the jumper that chooses where power comes from. */
const isUsbPort = (part: string): boolean => part.startsWith('usb') && !part.startsWith('usb-power');

const isBoot0 = (part: string): boolean => part.startsWith('boot0');

/** How far a person has come, as far as USB shows it: power is all that it shows of jumpers and buttons. */
export function handProgress(steps: readonly Step[], sight: HandSight): HandProgress {
  const { off, on } = usbSteps(steps);
  switch (sight) {
    case 'nothing':
      return { done: 0, at: 0 };
    case 'here':
      // Without a step that powers it off, the board is already past the one that powers it up.
      return off === null && on !== null ? upTo(on + 1, steps) : { done: 0, at: off ?? 0 };
    case 'off':
      return off === null ? { done: 0, at: 0 } : upTo(off + 1, steps);
    case 'wrong': {
      const boot0 = steps.findIndex(({ parts }) => parts.some(isBoot0));
      return { done: 0, at: boot0 === -1 ? 0 : boot0 };
    }
  }
}

function upTo(done: number, steps: readonly Step[]): HandProgress {
  return { done, at: Math.min(done, steps.length - 1) };
}
