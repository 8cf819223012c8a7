import type { BoardMode } from '../../app/boards/board-mode.ts';
import type { JobPhase } from '../../app/contract/entries/jobs.ts';
import type { JobView } from '../../app/contract/station-contract.ts';
import type { Page } from '../shell/router.svelte.ts';
import type { Theme } from '../shell/theme.svelte.ts';

/** Every English text of the renderer; errors have theirs in app/error-texts.ts. */
export const texts = {
  appName: 'Canopus',
  skipToContent: 'Skip to content',
  mainNavigation: 'Main',
  copy: 'Copy',
  copied: 'Copied',
  cancel: 'Cancel',
  close: 'Close',

  pages: {
    bench: 'Bench',
    firmware: 'Firmware',
    pi: 'Pi',
    history: 'History',
    settings: 'Settings',
  } satisfies Record<Page, string>,

  connection: {
    connected: 'Connected to the station',
    connecting: 'Connecting to the station …',
    closed: 'Not connected',
    lostTitle: 'The connection to the station is lost',
    lostText: 'It is tried again by itself. Work that was running goes on in the station.',
    simulated: 'Virtual boards',
  },

  modes: {
    dfu: 'DFU',
    katapult: 'Katapult',
    'klipper-serial': 'Klipper, USB serial',
    'can-bridge': 'Klipper, CAN bridge',
    unknown: 'Other USB device',
  } satisfies Record<BoardMode, string>,

  phases: {
    connect: 'Connecting',
    check: 'Checking',
    backup: 'Saving what is on the board',
    unprotect: 'Removing the read protection',
    erase: 'Erasing',
    write: 'Writing',
    verify: 'Reading back',
    leave: 'Starting the firmware',
  } satisfies Record<JobPhase, string>,

  steps: {
    'install-katapult': 'Katapult through DFU',
    'enter-katapult': 'Asking Klipper for its bootloader',
    'install-klipper': 'Klipper through Katapult',
    done: 'Done',
  } satisfies Record<NonNullable<JobView['step']>, string>,

  asks: {
    'remove-jumper': {
      title: 'Take the BOOT0 jumper off',
      text: 'Power the board off completely, take the jumper off, power it on again. Nothing else to press.',
    },
    'press-reset': {
      title: 'Press reset once',
      text: 'The board is not back yet. Check its power and the USB cable, then press reset once.',
    },
  } satisfies Record<NonNullable<JobView['ask']>, { title: string; text: string }>,

  jobStatus: {
    queued: 'Waiting',
    running: 'Running',
    done: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
  } satisfies Record<JobView['status'], string>,

  bench: {
    title: 'Bench',
    lookingTitle: 'Looking at the USB ports …',
    emptyTitle: 'No board in sight',
    emptyText:
      'Connect a board with a USB data cable. A bare board must be powered and in DFU: BOOT0 jumper on, then reset.',
    others: (count: number) => `Other USB devices (${count})`,
    port: 'USB port',
    nothingThere: 'Nothing plugged in',
    wasHere: 'The board that was here is away.',
    bare: 'Bare board or BOOT0 jumper on',
    uid: 'Chip UID',
    uuid: 'canbus_uuid',
    uuidLater: 'known as soon as the chip speaks',
    serialPort: 'Serial port',
    presumed: (uid: string) => `Probably the board ${uid.slice(0, 8)}…, which was on this port before.`,
    conflictTitle: 'Two boards with this UID',
    conflictText: 'They were plugged in at the same time, so the UID tells neither of them apart.',
    lastDone: (when: string) => `Flashed and read back ${when}`,
    dismiss: 'Dismiss',
    timeLeft: (text: string) => `${text} left`,
    of: (done: string, total: string) => `${done} of ${total}`,
    doNotUnplug: 'Do not unplug',
    waitingForTurn: 'Waits for the job before it on this port',
    virtual: 'The boards on this bench are virtual.',
  },

  settings: {
    title: 'Settings',
    appearance: 'Appearance',
    theme: 'Colours',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' } satisfies Record<Theme, string>,
    about: 'About',
    version: 'Version',
    host: 'Runs in',
    hosts: { electron: 'Desktop app', headless: 'Browser' },
    platform: 'Station on',
    licence: 'MIT licence',
  },

  time: {
    justNow: 'just now',
    seconds: (n: number) => `${n} s`,
    minutes: (n: number, s: number) => `${n} min ${s} s`,
    minutesAgo: (n: number) => (n === 1 ? 'a minute ago' : `${n} minutes ago`),
    at: (clock: string) => `at ${clock}`,
  },
} as const;

export type Texts = typeof texts;
