import { dfuSerialFits } from './board-mode.ts';
import { canbusUuid } from './canbus-uuid.ts';

/** The two names of one chip: both or neither. `canbusUuid` is the one that Klipper computes from the UID. */
export type ChipNames =
  { readonly uid: string; readonly canbusUuid: string } | { readonly uid: null; readonly canbusUuid: null };

export function chipNames(uid: string): Extract<ChipNames, { uid: string }>;
export function chipNames(uid: string | null): ChipNames;
export function chipNames(uid: string | null): ChipNames {
  return uid === null ? { uid, canbusUuid: null } : { uid, canbusUuid: canbusUuid(uid) };
}

/** What a chip said of itself at one time: its UID, or the serial number that its ROM shows in DFU. */
export interface ChipClues {
  readonly uid: string | null;
  readonly dfuSerial: string | null;
}

/**
 * The one judge of "same chip?". `same`: one UID. `other`: two UIDs, or a serial number of the ROM that cannot be of that
 * UID, or two of them. `fits`: a serial number of the ROM that can be of that UID, which another chip may have, too. Null:
 * nothing can be compared, which F446 parts in DFU come to, as they all report one serial number.
 */
export function judgeChips(a: ChipClues, b: ChipClues): 'same' | 'fits' | 'other' | null {
  const areOneUid = a.uid !== null && b.uid !== null ? a.uid === b.uid : null;
  const fits = [fitsUid(a.dfuSerial, b.uid), fitsUid(b.dfuSerial, a.uid)];
  const areOneSerial = a.dfuSerial !== null && b.dfuSerial !== null ? a.dfuSerial === b.dfuSerial : null;
  if (areOneUid === true) return 'same';
  if (areOneUid === false || areOneSerial === false || fits.includes(false)) return 'other';
  return fits.includes(true) ? 'fits' : null;
}

const fitsUid = (dfuSerial: string | null, uid: string | null): boolean | null =>
  uid === null ? null : dfuSerialFits(dfuSerial, uid);
