import type { RunView } from '../../../app/contract/station-contract.ts';
import type { Tone } from '../../ui/tone.ts';

export const runTones: Readonly<Record<RunView['status'], Tone>> = {
  running: 'accent',
  done: 'ok',
  failed: 'bad',
  cancelled: 'neutral',
  interrupted: 'warn',
};

/** `2026-05-04 08:30` in this computer's time. */
export function formatTime(iso: string): string {
  const at = new Date(iso);
  const pad = (number: number): string => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return `${day} ${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** The start of a day in this computer's calendar (`2026-05-04`), ISO 8601; undefined for none. */
export function dayStart(day: string, plusDays = 0): string | undefined {
  const [year, month, date] = day.split('-').map(Number);
  if (year === undefined || month === undefined || date === undefined) return undefined;
  return new Date(year, month - 1, date + plusDays).toISOString();
}
