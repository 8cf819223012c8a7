import type { ErrorRows } from './error-row.ts';

/** Images and their checks against a board. */
export const imageErrors = {
  'image/unreadable': {
    title: 'The image file cannot be read',
    next: { window: 'Check the path and its permissions.' },
    cases: [
      { when: { reason: 'EISDIR' }, window: 'Choose the .bin file in it.' },
      { when: { reason: 'ENOENT' }, window: 'Check the path: there is no such file.' },
    ],
    exit: 'usage',
  },
  'image/virtual-only': {
    title: 'This image is for virtual boards',
    next: { window: 'Build the firmware, or choose .bin files for this board.' },
    exit: 'refused',
  },
  'image/not-an-image': {
    title: 'This is not a firmware image',
    next: { window: 'Choose the .bin file that the build made: klipper.bin or katapult.bin.' },
    cases: [
      {
        when: { file: 'hex' },
        window:
          "A maker's own bootloader is not written here: Katapult takes its place. Build Katapult for this board, or choose its katapult.bin.",
        terminal:
          "A maker's own bootloader is not written here: Katapult takes its place. Build it with canopus build, or give its katapult.bin.",
      },
    ],
    exit: 'refused',
  },
  'image/no-record': {
    title: 'There is no record of how this image was made',
    next: {
      window: 'Only images that Canopus built have one; an imported image does not.',
      terminal:
        '"canopus build --out" writes one beside each image, "canopus cache record" that of a stored one.',
    },
    exit: 'usage',
  },
  'image/not-reproduced': {
    title: 'Built again, the image is another one',
    next: {
      window:
        'If only tools differ, build on a computer with those of the record. Otherwise do not trust the image.',
    },
    exit: 'failed',
  },
  'image/not-rebuildable': {
    title: 'The image cannot be built again here',
    next: {
      window: 'Build on a computer that has the sources and the compiler.',
      terminal:
        'Name the sources with --source, or another machine with --on; "canopus doctor" says what is missing here.',
    },
    exit: 'refused',
  },
  'image/truncated': {
    title: 'The image file is incomplete',
    next: { window: 'Copy or download the file again, or build it again.' },
    exit: 'refused',
  },
  'image/wrong-kind': {
    title: 'This is the wrong kind of image for this step',
    next: { window: 'Katapult goes in through DFU, Klipper through Katapult: choose the other file.' },
    exit: 'refused',
  },
  'image/wrong-mcu': {
    title: 'The image is for another MCU',
    next: {
      window: 'Read the marking on the chip, then choose the board and the image for it.',
      terminal: 'Read the marking on the chip, then choose the preset and the image for it.',
    },
    exit: 'refused',
  },
  'image/no-bridge-mcu': {
    title: 'This MCU cannot be a USB-to-CAN bridge',
    next: {
      window:
        'Use a board with an STM32F405, F407, F429 or F446 as the bridge. This one can be a CAN node behind it.',
    },
    exit: 'refused',
  },
  'image/wrong-address': {
    title: 'The image is for another place in flash',
    next: { window: 'Build Katapult and Klipper with the same bootloader offset.' },
    exit: 'refused',
  },
  'image/not-a-bridge': {
    title: 'This Klipper image is not a USB-to-CAN bridge',
    next: { window: 'Build Klipper with the communication interface "USB to CAN bus bridge".' },
    exit: 'refused',
  },
  'image/wrong-role': {
    title: 'The image makes the board something else on the bus',
    next: {
      window: 'Build it as the preset says: a toolhead as a CAN node, so that it talks on its bus.',
      terminal: 'Build it as the preset says ("canopus build", without --as): a toolhead as a CAN node.',
    },
    exit: 'refused',
  },
  'image/no-usb': {
    title: 'This Katapult cannot be reached over USB',
    next: { window: 'Build Katapult with the communication interface "USB (on PA11/PA12)".' },
    exit: 'refused',
  },
  'image/wrong-pins': {
    title: 'The image uses other CAN pins than the board',
    next: { window: 'Build Klipper with the CAN pins of this board.' },
    exit: 'refused',
  },
  'image/wrong-bitrate': {
    title: 'The image has another CAN bit rate',
    next: { window: 'Build every board on the bus for the same bit rate.' },
    exit: 'refused',
  },
  'image/does-not-fit': {
    title: 'The image does not fit into the flash',
    next: { window: 'This image is too large: choose one for this board.' },
    exit: 'refused',
  },
  'image/wrong-crystal': {
    title: 'The image is built for another crystal',
    next: {
      window: 'Build it for the crystal of this board: with another one the board stays silent on USB.',
    },
    cases: [
      {
        // The Katapult on that port runs, so its crystal is the board's.
        when: { place: true },
        window:
          'Build Klipper for the crystal of that Katapult; or set the board up on its own: "Find the crystal" then uses Klipper for it.',
        terminal:
          'Build Klipper for the crystal of that Katapult; or give --rescue, and "canopus flash" or "canopus install-klipper" uses Klipper for it.',
      },
    ],
    exit: 'refused',
  },
  'image/crystal-unknown': {
    title: 'The image does not say which crystal it is for',
    next: {
      window: 'Confirm the crystal that it was built for, or build it again.',
      terminal:
        'Confirm the crystal that it was built for, in MHz (--confirm-crystal 12; in a recipe of the bench "confirmCrystal": 12), or build it again.',
    },
    exit: 'refused',
  },
  'image/known-fault': {
    title: 'This firmware version is known not to work on this chip',
    next: { window: 'Build a newer version, at least the named one; the newest is best.' },
    exit: 'refused',
  },
} satisfies ErrorRows;
