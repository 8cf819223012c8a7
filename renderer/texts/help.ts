import type { Page } from '../navigation/pages.ts';
import type { ShortcutAction } from '../navigation/shortcuts.ts';

/** One question of a topic and its reply, a paragraph each. */
interface HelpEntry {
  readonly title: string;
  readonly text: readonly string[];
}

interface HelpTopic {
  /** What the screen is for, in one sentence. */
  readonly purpose: string;
  readonly entries: readonly HelpEntry[];
}

export const helpTexts = {
  title: 'Help',
  open: 'Help for this screen',
  topics: 'Topics',
  goThere: 'Open this screen',
  topicNames: { shortcuts: 'Keyboard', words: 'Words', report: 'Report a problem' },

  shortcuts: {
    purpose: 'Everything in this window can be reached with the keyboard.',
    keys: 'Keys',
    does: 'What they do',
    actions: {
      help: 'Help for the screen you are on',
      bench: 'Bench',
      firmware: 'Firmware',
      pi: 'Pi',
      history: 'History',
      settings: 'Settings',
    } satisfies Record<ShortcutAction, string>,
    always: [
      { keys: 'Tab, Shift+Tab', does: 'Next and previous control' },
      { keys: 'Enter, Space', does: 'Press the button or follow the link that has the focus' },
      { keys: 'Arrow keys', does: 'Move between tabs, and between the choices of one question' },
      { keys: 'Escape', does: 'Close a dialog without doing anything' },
    ],
  },

  report: {
    purpose:
      'Collects what others need to find a fault: versions, the checks of this computer, the last runs, the log.',
    cleaned:
      'Names of people and computers, addresses and secrets are taken out; UIDs of chips stay. Nothing is sent anywhere. A name that the program does not know may be left: look at the files before you pass them on.',
    collect: 'Collect a report',
    collecting: 'Collecting …',
    again: 'Collect again',
    save: 'Save as .zip',
    copy: 'Copy as text',
    copied: 'Copied',
    saved: (path: string) => `Saved as ${path}`,
    file: (name: string, kib: string) => `${name}, ${kib} KiB`,
  },

  words: {
    purpose: 'The words of the field, as this program uses them.',
    entries: [
      {
        word: 'BOOT0',
        text: 'The pin that makes an STM32 start its built-in loader. On a board it is a jumper or a button.',
      },
      { word: 'BOOTSEL', text: 'The same for an RP2040 or RP2350: hold its button while you plug in USB.' },
      {
        word: 'Bridge',
        text: 'A printer board that runs Klipper and passes CAN traffic on to the Pi over its USB cable.',
      },
      {
        word: 'canbus_uuid',
        text: 'Twelve digits by which Klipper finds a board on the CAN bus. They follow from the chip and never change.',
      },
      {
        word: 'Crystal',
        text: 'The part on the board that sets the clock. Firmware built for another one keeps the board silent.',
      },
      {
        word: 'DFU',
        text: 'The mode in which an STM32 accepts firmware over USB. It is in the chip for good: a failed write never takes it away.',
      },
      {
        word: 'Katapult',
        text: 'A small bootloader. Once it is on a board, Klipper is updated without jumper or button.',
      },
      { word: 'Node', text: 'Any board on the CAN bus: a toolhead, an expander, the bridge itself.' },
      {
        word: 'Offset',
        text: 'Where Klipper begins in the flash, behind the bootloader. Both must be built for the same one.',
      },
      { word: 'Read back', text: 'To read what was written out of the chip again and compare every byte.' },
      {
        word: 'Termination',
        text: 'A 120 ohm resistor at each of the two ends of a CAN bus, and nowhere else.',
      },
    ],
  },

  pages: {
    bench: {
      purpose: 'Shows every board that is plugged in, and what each one runs.',
      entries: [
        {
          title: 'My board does not appear',
          text: [
            'Use a cable that carries data, and plug it into this computer, not into a charger or a screen. Check that the board has power: some need a jumper to take it from USB.',
            'A new board has no firmware that speaks USB. It appears once it is in DFU: BOOT0 jumper on, or button held, then reset.',
            'Settings, "This computer" checks drivers and rights, and says how to fix what is missing.',
          ],
        },
        {
          title: 'Many boards at once',
          text: [
            'Arm the bench with a board and its firmware. From then on each board that fits is written as soon as it is plugged in, and a board that does not fit is refused.',
            'A failed board keeps its slot and its reason. Plug it in again, or press "Retry".',
          ],
        },
        {
          title: 'Can I unplug it?',
          text: [
            'Not while a card says so. If it happens all the same, plug the board in again and start again: the chip is not lost.',
          ],
        },
      ],
    },
    flow: {
      purpose: 'Takes one board from its box to a working bridge, a step at a time.',
      entries: [
        {
          title: 'It waits for my board',
          text: [
            'The step that USB shows is marked. If the board started its old firmware instead, the page says so: BOOT0 was not set when it started.',
            'Switch the power off completely before you move a jumper, then on again. A press of reset is not enough on every board.',
          ],
        },
        {
          title: 'It says that the board contradicts my choice',
          text: [
            'The chip reports another type or another size of flash than the board you chose. Nothing was erased. Read the second line on the large black chip, and choose again.',
          ],
        },
        {
          title: 'The board stays silent after writing',
          text: [
            'Check that the BOOT0 jumper is off. If it is, the firmware was probably built for another crystal: "Find the crystal" tries those that fit, one after the other.',
          ],
        },
        {
          title: 'I want the old firmware back',
          text: [
            'The old content of the flash is kept before the first erase where the chip allows reading it. History lists these backups, and restores them.',
          ],
        },
      ],
    },
    firmware: {
      purpose: 'Keeps the images for your boards, builds new ones, and shows what an image is made for.',
      entries: [
        {
          title: 'Where does firmware come from?',
          text: [
            'It is built here, in WSL, or on your Pi, from the Klipper that your printer runs. It can also come from your own files: drop klipper.bin and katapult.bin onto this screen.',
          ],
        },
        {
          title: 'Which image fits?',
          text: [
            'Each image is inspected: chip, crystal, offset, CAN pins and bit rate. One that contradicts a board is not offered for it, and says why.',
          ],
        },
        {
          title: 'On a computer without internet',
          text: ['Export a bundle here on one that has it, and import that file there.'],
        },
      ],
    },
    pi: {
      purpose: "Sets up the printer's computer for the bridge, and checks what is wrong with it.",
      entries: [
        {
          title: 'What will be changed?',
          text: [
            'Nothing before you have seen the plan. Each changed file is shown line by line, a backup is made beside it, and "Undo" brings back the old one.',
            'While any printer of that Pi prints, nothing is changed.',
          ],
        },
        {
          title: 'It asks whether I know this Pi',
          text: [
            'On first contact a Pi proves who it is with a fingerprint, which is remembered. If it differs later, either the Pi was set up anew or another machine replies under its name.',
          ],
        },
        {
          title: 'A toolhead is not found',
          text: [
            'Check power, the two CAN wires, termination at both ends, and that all boards have the same bit rate. The doctor of this Pi asks for each of these.',
          ],
        },
      ],
    },
    history: {
      purpose: 'Lists what was written to which board, when, and from which source.',
      entries: [
        {
          title: 'Find a board again',
          text: ['Search by its UID, its canbus_uuid or its name, or scan its label.'],
        },
        {
          title: 'Put an old state back',
          text: ['Choose a run or a backup, then restore it. The chip is checked before anything is erased.'],
        },
        {
          title: 'Take it elsewhere',
          text: ['Export the list as CSV, print labels, or save a report of one board.'],
        },
      ],
    },
    settings: {
      purpose: 'Holds your name, defaults and signals, and checks this computer.',
      entries: [
        {
          title: 'Drivers and rights',
          text: [
            'Windows needs the WinUSB driver for a board in DFU. Linux needs a rule for the boards. macOS needs nothing. "This computer" shows what is missing, with the exact steps.',
          ],
        },
        {
          title: 'Where is my data kept?',
          text: ['In one folder, which "About" names. Nothing is sent anywhere. An update keeps all of it.'],
        },
      ],
    },
  } satisfies Record<Exclude<Page, 'help'>, HelpTopic>,
};
