/** Firmware on an SD card. */
export const cardTexts = {
  stage: 'SD card',
  offerTitle: 'This board also takes Klipper from an SD card',
  offerText: (fileName: string) =>
    `Its maker's bootloader stays on it and writes ${fileName} from a card when the board is powered: no jumper, no button. Katapult is not written then, so the next update needs a card again.`,
  offer: 'Use an SD card',
  title: 'Put Klipper onto an SD card',
  text: (fileName: string, offsetKiB: number) =>
    `The file gets the name ${fileName}, the only one that the board looks for. Only Klipper built for ${offsetKiB} KiB fits: there the maker's bootloader starts it.`,
  image: 'Klipper',
  noneFits: (buildsForIt: boolean) =>
    `No Klipper here fits this bootloader. ${buildsForIt ? 'Import one, or build it.' : 'Import one that was built for it elsewhere: here Klipper is built for its place behind Katapult.'}`,
  looking: 'Looking …',
  card: 'Card',
  noCard: 'No card is in this computer. Only removable drives are listed, never a fixed disk.',
  lookAgain: 'Look again',
  free: (bytes: string) => `${bytes} free`,
  isLocked: 'write-protected',
  isFull: 'full',
  isNotFat: 'not FAT32: the board cannot read it',
  virtual: 'virtual',
  write: 'Write the card',
  writing: 'The card is written and read back. Leave it in.',
  stays: 'Nothing else on the card is changed. The old file of that name is replaced.',
  useSample: 'Use a sample image',
  bootTitle: 'Now put the card into the board',
  bootSteps: (fileName: string, isEjected: boolean): readonly string[] => [
    isEjected
      ? `${fileName} is on the card, and every byte was read back. The card is ejected: take it out.`
      : `${fileName} is on the card, and every byte was read back. Eject the card in your system, then take it out.`,
    'With the board powered off, put the card into the slot of the board.',
    "Connect the board's USB to this computer and power the board.",
  ],
  waiting: 'Waiting for the bridge to show up on USB',
  proof: 'Some bootloaders rename the file to .CUR. That is no proof: only the bridge on USB is.',
  lateTitle: 'It does not show up?',
  late: [
    'Was the board powered off completely before, USB unplugged too? Most bootloaders look at the card only at power-on.',
    'Some read only small cards with one FAT32 partition: try another card of at most 32 GB.',
    'Is the USB cable a data cable, in the port of the MCU and not of its host?',
  ],
  wasBridge: 'Is it this one?',
  wasBridgeText:
    'These run as a bridge already. Whether they took the new firmware, USB does not show: check that the file was renamed, or the version in Klipper.',
  itIs: (where: string) => `It is the one on ${where}`,
  another: 'Write the card again',
  drive: {
    title: 'Or through the drive of its boot ROM',
    text: 'In BOOTSEL the board also shows a drive, RPI-RP2 or RP2350, which needs no driver and no rights. Katapult goes onto it as a UF2 file. The drive cannot be read back: that Katapult starts is the proof.',
    write: 'Write Katapult to the drive',
    writing: 'Writing …',
    taken:
      'The boot ROM took the file and restarted. Katapult shows up within some seconds, and the flow goes on by itself.',
  },
  virtualSlot: 'SD card in the board',
};
