import type { ErrorRows } from './error-row.ts';

/** The bench: slots and armed recipes. */
export const benchErrors = {
  'bench/port-armed': {
    title: 'The bench is armed for this port',
    next: { window: 'Disarm the bench: it would write to the board again at once. Then start again.' },
    exit: 'refused',
  },
  'bench/bad-map': {
    title: 'The slots cannot be arranged like this',
    next: { window: 'Give every slot a name of its own.' },
    exit: 'usage',
  },
  'bench/bad-recipe': {
    title: 'The recipe file is not valid',
    next: { window: 'Correct the field that is named; docs/bench-station.md describes the format.' },
    exit: 'usage',
  },
  'bench/not-confirmed': {
    title: 'This board has hazards that must be confirmed',
    next: {
      window: 'Do what the sentences ask for, for every board of this batch, and confirm it when arming.',
    },
    exit: 'refused',
  },
  'bench/overlapping-recipes': {
    title: 'Two recipes would want the same boards',
    next: { window: 'Disarm the one that is armed for this chip, then arm the other.' },
    exit: 'usage',
  },
  'bench/unknown-recipe': {
    title: 'This recipe is not known any more',
    next: { window: 'It was forgotten with its session. Arm it anew.' },
    exit: 'failed',
  },
  'bench/unknown-slot': {
    title: 'There is no such slot',
    next: { window: 'Choose one of the slots on the map: by its name or its USB port.' },
    exit: 'usage',
  },
  'bench/no-recipe': {
    title: 'No armed recipe fits this board',
    next: { window: 'Take the board off, or arm a recipe for its chip. Nothing was written to it.' },
    exit: 'failed',
  },
  'bench/ambiguous': {
    title: 'Several armed recipes fit this board',
    next: {
      window: 'Disarm all but the right one, or set this board up by itself. Nothing was written to it.',
    },
    exit: 'failed',
  },
  'bench/already-done': {
    title: 'This board was done in this session',
    next: { window: 'Take the next one. To write it once more choose "Flash again" on its slot.' },
    exit: 'failed',
  },
  'bench/interrupted': {
    title: 'The station ended while this board was being written',
    next: {
      window: 'Retry the slot: the station looks what the board holds now and repeats what is missing.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
