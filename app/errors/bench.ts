import type { ErrorRows } from './error-row.ts';

/** The bench: slots and armed recipes. */
export const benchErrors = {
  'bench/bad-map': {
    title: 'The slots cannot be arranged like this',
    next: { window: 'Give every slot its own name.' },
    exit: 'usage',
  },
  'bench/bad-recipe': {
    title: 'The recipe file is not valid',
    next: {
      window: 'Correct the named field.',
      terminal: 'Correct the named field; docs/bench-station.md describes the format.',
    },
    exit: 'usage',
  },
  'bench/not-confirmed': {
    title: 'This board has hazards that must be confirmed',
    next: {
      window: 'Do what each sentence asks for, for every board of this batch, and confirm it when you arm.',
      terminal:
        'Do what each sentence asks for, for every board of this batch. Then set "confirmed" to true in the recipe file.',
    },
    exit: 'refused',
  },
  'bench/overlapping-recipes': {
    title: 'Two recipes would take the same boards',
    next: {
      window: 'Disarm the recipe that is armed for this chip, then arm the other one.',
      terminal: 'Leave out all but one of the recipes for this chip.',
    },
    exit: 'usage',
  },
  'bench/unknown-recipe': {
    title: 'This recipe is no longer known',
    next: { window: 'It was removed, or went away with its session. Arm its board anew.' },
    exit: 'failed',
  },
  'bench/recipe-name-taken': {
    title: 'Another recipe has this name',
    next: { window: 'Choose another name, or remove the other recipe first.' },
    exit: 'usage',
  },
  'bench/recipe-files-missing': {
    title: 'The recipe needs files that did not come with it',
    next: {
      window:
        'Choose the recipe and the files that it names together. What it has built from sources is built under Firmware: arm it from there, then save it.',
      terminal: '"canopus bench" reads the files beside the recipe, and builds.',
    },
    exit: 'usage',
  },
  'bench/recipe-image-gone': {
    title: 'An image of this recipe is no longer stored',
    next: {
      window:
        'The recipe stays. Import the same file or a bundle with it under Firmware, or build it again there with the same choices; then arm the recipe.',
      terminal: 'Import the same file or a bundle with it, or build it again with the same choices.',
    },
    exit: 'failed',
  },
  'bench/unknown-slot': {
    title: 'There is no such slot',
    next: {
      window: 'Choose a slot that is on the map.',
      terminal: 'Give the name of a slot on the map, or its USB port.',
    },
    exit: 'usage',
  },
  'bench/no-recipe': {
    title: 'No armed recipe fits this board',
    next: { window: 'Unplug the board, or arm a recipe for its chip.' },
    exit: 'failed',
  },
  'bench/ambiguous': {
    title: 'Several armed recipes fit this board',
    next: {
      window: 'Disarm all recipes except the right one, or set this board up on its own.',
      terminal: 'Leave out all recipes for this chip except the right one.',
    },
    exit: 'failed',
  },
  'bench/already-done': {
    title: 'This board is already done in this session',
    next: {
      window: 'Take the next board. To write this one again, choose "Flash again" on its slot.',
      terminal: 'Take the next board. "canopus flash" writes this one again.',
    },
    exit: 'failed',
  },
  'bench/interrupted': {
    title: 'The station ended while this board was being written',
    next: {
      window:
        'Choose "Retry" on its slot: the station looks at what the board holds now and repeats what is missing.',
      terminal: 'Flash the board again: the work starts from what it holds now.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
