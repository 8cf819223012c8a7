import { chipNames } from '../boards/chip-identity.ts';
import { CanopusError } from '../errors.ts';
import { parseCanbusUuid, parseUid } from '../units.ts';

/** The identity of a board: its chip, its canbus_uuid, or both. */
export interface BoardCode {
  readonly uid: string | null;
  readonly canbusUuid: string | null;
}

/**
 * The text in the QR code of a label, `canopus:1?uuid=6beb0175188a&uid=4300…`: short enough for a small code, and not a
 * web address. A UUID that does not follow from the chip is left out: the UID finds the board, and a code whose two
 * names do not belong together is refused as misread.
 */
export function boardCodeText(code: { readonly uid: string; readonly canbusUuid: string }): string {
  const { uid, canbusUuid: uuid } = code;
  return uuid === chipNames(uid).canbusUuid ? `canopus:1?uuid=${uuid}&uid=${uid}` : `canopus:1?uid=${uid}`;
}

/**
 * Parses what a person types or a scanner sends: a label's code, a chip UID (24 hex digits, or 16) or a canbus_uuid (12).
 * Throws `uid/invalid` for anything else, and for a code whose UID and UUID do not belong together.
 */
export function parseBoardCode(text: string): BoardCode {
  const plain = text.trim();
  const label = /^canopus:1\?(.*)$/i.exec(plain)?.[1];
  if (label !== undefined) return fromLabel(label, plain);
  const digits = plain.replace(/^canbus_uuid\s*[:=]\s*/i, '').replace(/[\s:-]/g, '');
  const uid = parseUid(digits);
  if (uid !== null) return ofUid(uid);
  const uuid = parseCanbusUuid(digits);
  if (uuid !== null) return { uid: null, canbusUuid: uuid };
  throw notACode(plain, 'a UID has 24 or 16 hexadecimal digits, a canbus_uuid 12');
}

function fromLabel(label: string, whole: string): BoardCode {
  const fields = new Map(
    label.split('&').map((field): [string, string] => {
      const [name = '', value = ''] = field.split('=');
      return [name.toLowerCase(), value];
    }),
  );
  const uid = parseUid(fields.get('uid') ?? '');
  const uuid = parseCanbusUuid(fields.get('uuid') ?? '');
  if (uid === null && uuid !== null && !fields.get('uid')) return { uid: null, canbusUuid: uuid };
  if (uid === null) throw notACode(whole, 'the label names no board');
  const code = ofUid(uid);
  if (fields.get('uuid') && uuid !== code.canbusUuid)
    throw notACode(whole, 'UID and UUID do not belong together');
  return code;
}

function ofUid(uid: string): BoardCode {
  return chipNames(uid);
}

function notACode(text: string, why: string): CanopusError {
  return new CanopusError('uid/invalid', `"${text.slice(0, 60)}" names no board: ${why}.`, {
    length: text.length,
  });
}
