import type { BoardMode } from '../../app/boards/board-mode.ts';
import type { JobBuildPhase, JobPhase } from '../../app/contract/entries/jobs.ts';
import type { JobView, PresetView, StationInput } from '../../app/contract/station-contract.ts';
import type { FlowStage } from '../../app/flow/flow-state.ts';
import type { LadderStep } from '../../app/flow/ladder.ts';
import type { Page } from '../shell/router.svelte.ts';
import type { Theme } from '../shell/theme.svelte.ts';

/** Every English text of the renderer; errors have theirs in app/error-texts.ts. */
export const texts = {
  appName: 'Canopus',
  skipToContent: 'Skip to content',
  notLoaded: 'This screen could not be loaded',
  notLoadedText: 'Reload the window. Work that is running goes on in the station.',
  reload: 'Reload',
  mainNavigation: 'Main',
  copy: 'Copy',
  copied: 'Copied',
  cancel: 'Cancel',
  close: 'Close',

  pages: {
    bench: 'Bench',
    flow: 'Set up a board',
    firmware: 'Firmware',
    pi: 'Pi',
    history: 'History',
    settings: 'Settings',
  } satisfies Record<Page, string>,

  connection: {
    connected: 'Connected',
    connecting: 'Connecting …',
    closed: 'Not connected',
    lostTitle: 'The connection to the station is lost',
    lostText: 'It is tried again by itself. Work that was running goes on in the station.',
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
    setUp: 'Set up a board',
    setUpThis: 'Set up',
    goOn: 'Go on',
    tryAgain: 'Try again',
    inFlow: 'Being set up',
    virtual: 'Virtual',
  },

  targets: { katapult: 'Katapult', klipper: 'Klipper' },

  buildPhases: {
    source: 'getting the sources',
    toolchain: 'looking at the compiler',
    configure: 'configuring',
    wait: 'waiting for the same build elsewhere',
    compile: 'compiling',
    inspect: 'inspecting the image',
    store: 'storing',
  } satisfies Record<JobBuildPhase, string>,

  log: {
    title: 'Log',
    seen: (mode: string, port: string, uid: string | null) =>
      `${mode} on port ${port}${uid === null ? '' : `, chip ${uid}`}`,
    target: (mcu: string | null, bootloader: string) => `${bootloader}${mcu === null ? '' : `, ${mcu}`}`,
    journal: (id: string, steps: number) => `Journal ${id} is on the Pi, ${steps} steps`,
    step: (what: string, outcome: 'done' | 'already') =>
      `${what}: ${outcome === 'done' ? 'done' : 'was so already'}`,
    proof: (outcome: 'proven' | 'failed' | 'skipped', seen: string) => `${outcome}: ${seen}`,
    cached: (target: string) => `${target}: taken from the cache`,
  },

  picker: {
    search: 'Search boards and chips',
    boards: 'Boards',
    noneFound: 'No board matches. The generic ones fit any board with that chip.',
    lookFirst: 'Choose a board on the left.',
    drawingOf: (name: string, lit: string) => `Drawing of the ${name}${lit === '' ? '' : `, marked: ${lit}`}`,
    schematic: 'Schematic: go by the words printed on the board, not by the places in the drawing.',
    chip: 'Which chip is on the board?',
    readChip:
      'Read the second line on the large square chip; it decides the crystal the firmware is built for.',
    crystal: (crystal: string) => `${crystal} crystal`,
    unconfirmed: 'unconfirmed',
    use: 'Use this board',
    contradictionTitle: 'The device on this port says otherwise',
    contradiction: (told: string, chosen: string) =>
      `It names its MCU ${told}; this variant has an ${chosen}. Read the marking on the chip again.`,
    hazards: {
      heaters: 'Heaters may switch on in DFU',
      power: 'Mind the power',
      other: 'Mind this',
    } satisfies Record<NonNullable<PresetView['hazards']['value']>[number]['kind'], string>,
    canPins: 'CAN pins',
    offset: 'Klipper starts at',
    transceiver: 'Transceiver',
    transceivers: { 'on-board': 'on the board', external: 'separate, to be added' },
    termination: 'Termination',
    terminations: {
      fixed: '120 Ω, fixed',
      jumper: '120 Ω by jumper',
      'on-transceiver': 'on the transceiver',
    },
    connector: 'Connector',
    boot0: 'BOOT0',
    boot0s: { jumper: 'jumper', button: 'button', either: 'jumper or button' },
    notStated: 'not stated anywhere',
    sources: (count: number) => `Sources (${count})`,
  },

  firmware: {
    forBoard: 'Images for this board',
    forBoardText:
      'Each image was inspected and fits this board: chip, crystal, address, CAN pins, USB-to-CAN bridge.',
    noneFits: 'None yet: build it or bring a file.',
    looking: 'Looking …',
    noVersion: 'no version',
    builtFrom: (commit: string) => (commit === '' ? 'built here' : `built from ${commit}`),
    refused: (count: number) => `${count} not for this board`,
    writeThese: 'Write these',
    useSamples: 'Use look-alikes (virtual boards only)',
    importTitle: 'Bring your own files',
    importText: 'katapult.bin and klipper.bin, any name. They are inspected before they are offered.',
    chooseFiles: 'Choose .bin files',
    buildTitle: 'Build from source',
    buildText: 'On this computer, configured for this board; no menu to go through.',
    katapultSource: 'Katapult from',
    klipperSource: 'Klipper from',
    sourceHint: 'A folder, or URL@branch, tag or commit. Klipper must be the version that the Pi runs.',
    missingTools: (tools: string) => `Not installed here: ${tools}`,
    build: 'Build both',
  },

  flow: {
    title: 'Set up a board',
    unknown: 'This board is not being set up any more',
    toBench: 'To the bench',
    giveUp: 'Give up',
    steps: 'Steps',
    step: (number: number, of: number, name: string) => `Step ${number} of ${of}: ${name}`,
    change: '(change)',
    stages: {
      board: 'Board',
      firmware: 'Firmware',
      dfu: 'Into DFU',
      flash: 'Write',
      done: 'Done',
    } satisfies Record<FlowStage, string>,
    chip: (mcu: string, crystalHz: number) =>
      `${mcu.replace(/xx$/, '').toUpperCase()}, ${crystalHz / 1e6} MHz`,
    onPort: (port: string) => `port ${port}`,
    toDfu: 'Bring the board into DFU',
    fromDfu: 'Start the board from its flash',
    waitingAnywhere: 'Watching all USB ports for the board',
    waitingOn: (port: string) => `Watching port ${port} for the board`,
    oneCandidate: 'A board is in its bootloader already. Is it this one?',
    candidates: (count: number) => `${count} boards are in their bootloaders. Which is this one?`,
    candidatesText: 'They look the same over USB: pull a cable and see which port disappears, if in doubt.',
    tiedToPort: (port: string) => `This board was seen on port ${port}.`,
    chooseAgain: 'It is on another port now',
    ladderTitle: 'Nothing yet? Try this',
    ladder: {
      'reset-longer': 'Press reset again and hold it for a full second.',
      'button-again': 'Hold BOOT0 down before you press reset, and keep holding it until after.',
      'jumper-again':
        'Check that the jumper sits on both BOOT0 pins and that the board has power while you press reset.',
      'data-cable':
        'Use another USB cable, one that surely carries data, straight into the computer without a hub.',
      'power-supply':
        'Power the board as the maker wants it: from 24 V, or from USB with the jumper for USB power set.',
      driver:
        'Windows: see whether "STM32 BOOTLOADER" appears in the device manager; it needs the WinUSB driver (Zadig).',
      'take-off-attachments': 'Unplug display, SD card, probes and expansion boards: some pull a boot pin.',
      boot1: 'Some boards have a second boot pin (BOOT1, PB2): it must be low.',
    } satisfies Record<LadderStep, string>,
    plainDfuEntry: [
      { text: 'Power the board off completely.', parts: [] },
      { text: 'Set the BOOT0 jumper, or hold the BOOT0 button down.', parts: [] },
      { text: 'Plug USB in and power the board up.', parts: [] },
      { text: 'Press reset once.', parts: [] },
    ],
    plainDfuLeave: [
      { text: 'Power the board off completely.', parts: [] },
      { text: 'Take the BOOT0 jumper off.', parts: [] },
      { text: 'Plug USB in and power the board up.', parts: [] },
    ],
    gateTitle: 'Before this board goes into DFU',
    goOn: 'Go on',
    otherBoard: 'Choose another board',
    otherImages: 'Choose other images',
    otherPort: 'Choose another port',
    lookAgain: 'Look again',
    retry: 'Try again',
    starting: 'Checking the images …',
    uuidEarly: 'The chip has spoken: this UUID stays with it.',
    doneTitle: 'The board is a USB-to-CAN bridge',
    doneText: 'Katapult and Klipper were written, every byte was read back, and the bridge was seen on USB.',
    written: (bytes: string, hash: string) => `${bytes} written and read back, sha256 ${hash}…`,
    keptKatapult: 'kept as it was',
    forPrinterCfg: 'For printer.cfg',
    finish: 'Finish',
    another: 'Next board like this',
  },

  virtual: {
    open: 'Try without hardware',
    title: 'Virtual boards',
    text: 'You are the hands: jumper, power, reset and cable. Nothing real is touched.',
    hide: 'Hide the virtual boards',
    boot0: 'BOOT0 jumper',
    power: 'Power',
    cable: 'USB cable',
    reset: 'Reset',
    doubleTap: 'Double tap',
    fault: 'Let something go wrong …',
    faults: {
      'unplug-in-write': 'Cable pulled while writing',
      'stuck-bit': 'A worn-out flash bit',
      'read-protection': 'Read protection',
      'no-return': 'Stays away after a reset',
      access: 'No permission',
    } satisfies Record<StationInput<'sim.fault'>['fault'], string>,
    armed: (faults: string) => `Waiting: ${faults}`,
    mend: 'Mend',
    add: (mcu: string) => `Add ${mcu}`,
    states: {
      off: 'Off',
      starting: 'Starting',
      silent: 'Nothing on USB',
    } as Readonly<Record<string, string>>,
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
