import type { Presumption } from './board.ts';
import { judgeChips } from './chip-identity.ts';
import type { Visit } from './visit.ts';

/**
 * A visit without a UID has begun where `before` ended: presumably the same board in another mode. Null if one of them
 * is not a board, if the UID of `before` is not its own, or if the ROM's serial number belongs to another chip.
 */
export function presumeEarlier(visit: Visit, before: Visit): Presumption | null {
  if (visit.board.mode === 'unknown' || before.board.mode === 'unknown' || before.board.conflict) return null;
  const uid = before.board.uid ?? before.board.presumed?.uid ?? null;
  const verdict = judgeChips(
    { uid, dfuSerial: dfuSerialOf(before) },
    { uid: null, dfuSerial: dfuSerialOf(visit) },
  );
  if (verdict === 'other') return null;
  return { boardId: before.board.id, uid, evidence: verdict === 'fits' ? 'dfu-serial' : 'port' };
}

/**
 * The chip of `visit` has reported its UID, `before` had none on the same port: presumably the same board. Null if
 * `before` was presumed to be another chip, if the ROM's serial number belongs to another chip, or if this chip was
 * seen (`earlier`) since `before` was plugged in.
 */
export function presumeLater(visit: Visit, before: Visit, earlier: Visit | null): Presumption | null {
  const { uid } = visit.board;
  if (uid === null || before.board.uid !== null || before.board.mode === 'unknown') return null;
  if (earlier !== null && (earlier.until ?? Infinity) > before.since) return null;
  const suggested = before.board.presumed?.uid ?? uid;
  const verdict = judgeChips({ uid: null, dfuSerial: dfuSerialOf(before) }, { uid, dfuSerial: null });
  if (suggested !== uid || verdict === 'other') return null;
  return { boardId: before.board.id, uid, evidence: verdict === 'fits' ? 'dfu-serial' : 'port' };
}

/** What the ROM of a visit in DFU shows; null in other modes. */
function dfuSerialOf({ board }: Visit): string | null {
  return board.mode === 'dfu' ? board.serial : null;
}
