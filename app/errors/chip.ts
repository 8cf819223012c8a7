import type { ErrorRows } from './error-row.ts';

/** The chip in ROM DFU against what was chosen for it. */
export const chipErrors = {
  'chip/mismatch': {
    title: 'This is not the chip that was chosen',
    next: {
      window: 'Read the marking on the chip and choose the board variant and the images for it.',
      terminal: 'Read the marking on the chip and choose the preset and the images for it.',
    },
    cases: [
      {
        when: { asks: 'marking' },
        window: 'Read what is printed on the chip and enter it, or choose another board.',
        terminal:
          'Read what is printed on the chip and repeat the command with it, such as --marking STM32F429ZIT6, or choose another preset.',
      },
      {
        when: { variants: true },
        window:
          'Read the marking on the chip, choose the variant of the board that it names, and the images for it.',
        terminal:
          'Read the marking on the chip. Of this board it may be --preset {variants}, with the images for it.',
      },
    ],
    exit: 'refused',
  },
  'chip/marking-needed': {
    title: 'The marking on the chip has to be read',
    next: {
      window: 'Read what is printed on the chip and enter it. Nothing is written until then.',
      terminal:
        'Read what is printed on the chip and repeat the command with it, such as --marking STM32F407ZET6. Nothing is written until then.',
    },
    exit: 'refused',
  },
  'chip/marking-mismatch': {
    title: 'The marking does not fit what was chosen',
    next: {
      window:
        'Read the marking once more. If it is right, choose the board variant and the images for this chip.',
      terminal: 'Read the marking once more. If it is right, choose the preset and the images for this chip.',
    },
    exit: 'refused',
  },
  'chip/bad-marking': {
    title: 'This is not the marking of an STM32',
    next: {
      window:
        'Enter it as printed on the chip, like STM32F446ZET6 or STM32F407ZGT6. Chips of other makers are not flashed here.',
    },
    exit: 'usage',
  },
} satisfies ErrorRows;
