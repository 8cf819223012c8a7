import type { ErrorRows } from './error-row.ts';

const otherCard = 'Use another card, formatted as FAT32, then try again.';

/** SD cards and other removable drives. */
export const cardErrors = {
  'card/not-for-board': {
    title: 'This board is not flashed from an SD card here',
    next: { window: 'Write it over USB: the flow shows how the board enters its bootloader.' },
    exit: 'refused',
  },
  'card/none': {
    title: 'No SD card was found',
    next: {
      window:
        'Put the card into a reader of this computer and open it in the file manager once, so that it is mounted. Only removable drives are listed.',
    },
    exit: 'device',
  },
  'card/ambiguous': {
    title: 'Several cards could be meant',
    next: { window: 'Choose the card.', terminal: 'Name one with --card, as "canopus card list" prints it.' },
    exit: 'usage',
  },
  'card/gone': {
    title: 'The card is gone',
    next: {
      window:
        'Put the card in again, look for it in the list and write it once more, before a board gets it.',
      terminal:
        'Put the card in again, see "canopus card list", and write it once more before a board gets it.',
    },
    exit: 'device',
  },
  'card/not-removable': {
    title: 'This drive is not removable',
    next: { window: 'Choose an SD card or a USB stick. Fixed disks are never written.' },
    exit: 'refused',
  },
  'card/read-only': {
    title: 'The card is write-protected',
    next: {
      window:
        'Take it out and move the lock switch on its side, or that of its adapter, towards the contacts. If it has none, use another card.',
    },
    exit: 'refused',
  },
  'card/no-access': {
    title: 'This user may not write to the card',
    next: {
      window:
        'Take the card out and let the file manager open it again: a card that was mounted by another user stays theirs.',
    },
    exit: 'refused',
  },
  'card/wrong-file-system': {
    title: 'The board cannot read the file system of this card',
    next: {
      window: 'Format the card as FAT32, with what is on it saved elsewhere, or use a card of at most 32 GB.',
    },
    exit: 'refused',
  },
  'card/full': {
    title: 'The card is full',
    next: { window: 'Delete files on the card, or use an empty one, then try again.' },
    exit: 'refused',
  },
  'card/write-failed': {
    title: 'The card could not be written',
    next: { window: otherCard },
    exit: 'failed',
  },
  'card/read-back-differs': {
    title: 'The card does not hold what was written',
    next: { window: `Do not put this card into a board. ${otherCard}` },
    exit: 'failed',
  },
  'card/unlisted': {
    title: 'This computer did not list its drives',
    next: {
      window: 'Take the card out, put it in again and try once more.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
