import { open } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '../../app/history/run-record.ts';
import { anonymousText, type PersonalNames } from '../../app/support/anonymous.ts';
import { safeLines } from '../../app/safe-text.ts';
import type { StationOutput } from '../../app/contract/station-contract.ts';
import type { StationServices } from './station-services.ts';

type SupportFile = StationOutput<'app.supportReport'>[number];

/** What of the end of a log is told. */
const maxLogBytes = 200_000;
const maxRuns = 20;

/**
 * What helps others to find the reason for a problem: versions, checks of this computer, the last runs, the end of the
 * log. Names, addresses and secrets are taken out. A part that cannot be read says why.
 */
export async function supportReport(
  services: StationServices,
  about: unknown,
  signal: AbortSignal,
): Promise<readonly SupportFile[]> {
  const runs = lastRuns(services);
  const runList = runs instanceof Error ? [] : runs;
  const clean = anonymousText(namesIn(services, runList));
  const file = (name: string, text: string): SupportFile => ({ name, text: safeLines(clean(text)) });
  const json = (name: string, value: unknown): SupportFile =>
    file(name, `${JSON.stringify(value instanceof Error ? { error: value.message } : value, null, 2)}\n`);
  const checks = await services.doctor('terminal', signal).catch(asError);
  return [
    json('about.json', about),
    json('checks.json', checks),
    json('runs.json', runs instanceof Error ? runs : runs.map(withoutPeople)),
    file('log.txt', await endOfLog(join(services.folders.log, 'canopus.log'))),
  ];
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function lastRuns({ history }: StationServices): readonly RunRecord[] | Error {
  try {
    return history.open().page({}, maxRuns).runs;
  } catch (error) {
    return asError(error);
  }
}

/** Whose run it was is nothing that a fault depends on. */
function withoutPeople({ operator: _, host: __, ...run }: RunRecord): unknown {
  return run;
}

function namesIn({ pis, settings }: StationServices, runs: readonly RunRecord[]): PersonalNames {
  const present = (names: readonly (string | null | undefined)[]): string[] => [
    ...new Set(names.filter((name): name is string => typeof name === 'string' && name !== '')),
  ];
  const { username, homedir: home } = userInfo();
  return {
    people: present([username, settings.current.operator, ...runs.map(({ operator }) => operator)]),
    computers: present([hostname(), ...pis.names(), ...runs.map(({ host }) => host)]),
    homes: present([home, homedir()]).filter((path) => path.length > 3),
  };
}

async function endOfLog(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const start = Math.max(0, size - maxLogBytes);
    const bytes = new Uint8Array(Math.min(size, maxLogBytes));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    const text = new TextDecoder().decode(bytes.subarray(0, bytesRead));
    // A line that is cut off at its beginning is none.
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } catch (error) {
    return `The log cannot be read: ${asError(error).message}\n`;
  }
}
