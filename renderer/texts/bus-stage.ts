import { placeWords, type PlaceId } from '../../app/place.ts';

/** A node between its Katapult over USB and its Klipper over CAN, for a person. */
export const busStageTexts = {
  title: 'Put the board on its bus',
  text: 'Katapult is written and every byte was read back. With it the board leaves USB: Klipper comes over CAN.',
  steps: [
    'Power the board off: unplug USB.',
    'Take off what you put on for USB: the BOOT0 jumper, and the jumper that lets USB power the board.',
    'Wire CAN H and CAN L to the bridge. The bus has 120 ohm at both ends, and nowhere else.',
    'Connect 24 V, with the power off, then switch it on.',
  ],
  bridges: 'Which bridge is it behind?',
  noBridge: 'No bridge is plugged in here. Plug the USB cable of the printer’s bridge into this computer.',
  write: (bridge: PlaceId) => `Write Klipper over ${placeWords(bridge)}`,
  look: (bridge: PlaceId) => `Look behind ${placeWords(bridge)}`,
  uuidUnknown:
    'Its chip did not report its UID, so its canbus_uuid is not known yet: look for it on the bus.',
  writeTo: (uuid: string) => `Write Klipper to ${uuid}`,
  stopKlipper: 'While this runs, no Klipper may use that bus.',
  again: 'Write Katapult again',
  doneTitle: 'The board is a CAN node',
  doneText:
    'Katapult was written over USB and Klipper over CAN, every byte was read back, and the node was seen on its bus.',
  snippet: (uuid: string) => `[mcu toolhead]\ncanbus_uuid: ${uuid}`,
} as const;
