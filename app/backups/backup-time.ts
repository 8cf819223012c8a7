/**
 * What ST's ROM sends over full-speed USB per second: 1,024 bytes in 5 ms, as STM32CubeProgrammer 2.15 logged it for an
 * F412 (community.st.com, "STM32CubeProgrammer 2.16 cannot program MCU by USB"); an STM32WB takes 4 ms, a G4 10 ms.
 */
const romBytesPerSecond = 1024 / 0.005;

/** A backup that was taken on this computer: its size and duration. */
interface MeasuredBackup {
  readonly flashBytes: number;
  readonly durationMs: number;
}

/** Seconds that a backup takes, at least 1: at the speed of the last one, or of ST's ROM if there was none. */
export function backupSeconds(flashBytes: number, last: MeasuredBackup | null): number {
  const isMeasured = last !== null && last.durationMs > 0 && last.flashBytes > 0;
  const perSecond = isMeasured ? last.flashBytes / (last.durationMs / 1000) : romBytesPerSecond;
  return Math.max(1, Math.ceil(flashBytes / perSecond));
}
