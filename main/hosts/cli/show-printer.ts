import type { StationOutput } from '../../../app/contract/station-contract.ts';
import type { PrinterMcu, PrinterSurvey } from '../../../app/printer/printer-mcu.ts';

const verdictWords = {
  'same-code': 'as it should be',
  'same-protocol': 'older code, works with Klipper',
  must: 'Klipper refuses it',
  unknown: 'another version',
} as const satisfies Readonly<Record<PrinterMcu['verdict'], string>>;

/** A line for each MCU of a printer. */
export function showSurvey({ printer, hostVersion, mcus }: PrinterSurvey): string {
  const lines = mcus.map(({ name, role, place, firmware, verdict, unreachable }) => {
    const where = place ?? 'not seen';
    const state =
      unreachable === null ? verdictWords[verdict] : `${verdictWords[verdict]}, ${unreachable.text}`;
    return `  [${name}]  ${role}  ${where}  ${firmware?.version ?? 'unknown'}  ${state}`;
  });
  return [`${printer}: Klipper ${hostVersion ?? 'unknown'}`, ...lines].join('\n');
}

/** The plan under its headline. */
export function showUpdatePlan(plan: StationOutput<'printer.plan'>): string {
  const { headline, steps, left, hands, oneWay, blockers } = plan;
  return [
    headline,
    ...steps.map(({ name, why, role }, index) => `  ${index + 1}. [${name}] (${role}) ${why}`),
    ...left.map(({ name, text }) => `  -  [${name}] ${text}`),
    ...hands.map(({ name, text }) => `By hand, [${name}]: ${text}`),
    ...(oneWay.length === 0
      ? []
      : [`No way back, because the former image is not kept: ${namesOf(oneWay)}.`]),
    ...blockers.map(({ text }) => `Not now: ${text}.`),
  ].join('\n');
}

/** What a roll back would do. */
export function showRollback({ begun, steps, oneWay }: NonNullable<StationOutput<'printer.last'>>): string {
  const back = steps.filter(({ progress, former }) => former !== null && progress !== 'waiting');
  return [
    `The update of ${begun}:`,
    ...back.map(({ name, after, former }) => `  [${name}] ${after ?? 'unknown'} -> ${former ?? 'unknown'}`),
    ...(oneWay.length === 0
      ? []
      : [`Left as they are, because the former image is not kept: ${namesOf(oneWay)}.`]),
  ].join('\n');
}

const namesOf = (names: readonly string[]): string => names.map((name) => `[${name}]`).join(', ');
