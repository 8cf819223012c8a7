import { boardsInConfigs } from './boards-seen.ts';
import { boardsOnBus, compiledRate, type ConnectedBoards } from './bus-boards.ts';
import { changeViews } from './change-view.ts';
import { configMcus } from './config-mcus.ts';
import type { Check, Examination } from './check.ts';
import { examine } from './doctor.ts';
import type { PiFacts, PrinterFacts } from './facts.ts';
import type { LookedAt } from './looked-at.ts';
import { parseFacts } from './parse-facts.ts';
import { usesInterface } from './plan-printer.ts';
import { withRateNotes } from './plan-rates.ts';
import type { PiPlan, PiWishes } from './plan-types.ts';
import { makePlan } from './plan.ts';
import type { RecordedBoard } from './recorded-board.ts';
import { parseReport } from './report.ts';
import { summariseFacts } from './summary.ts';

interface ToPlan extends LookedAt {
  readonly wishes: PiWishes;
  readonly records: readonly RecordedBoard[];
}

interface OnBus {
  readonly facts: PiFacts;
  readonly interfaceName: string;
  readonly connected: readonly ConnectedBoards[];
}

/**
 * All that is made of what a Pi sent and takes time with its length. Each is a function of plain values, so that another
 * thread can do it: a Pi that means harm sends as much as it may.
 */
export const factsWorks = {
  facts: ({ text, nonce, nowMs }: { text: string; nonce: string; nowMs: number }): PiFacts =>
    parseFacts(parseReport(text, nonce), nowMs),
  plan: ({ facts, printers, wishes, records }: ToPlan): PiPlan =>
    withRateNotes(makePlan(facts, printers, wishes), facts, records),
  checks: (examination: Examination): Check[] => examine(examination),
  summary: ({ interfaceName, ...looked }: LookedAt & { readonly interfaceName: string }) => ({
    facts: summariseFacts(looked, interfaceName),
    changes: changeViews(looked.facts.journals),
  }),
  configUuids: ({ facts }: { readonly facts: PiFacts }) =>
    boardsInConfigs(facts).map(({ canbusUuid }) => canbusUuid),
  busBoards: ({ facts, interfaceName, connected }: OnBus) => boardsOnBus(facts, interfaceName, connected),
  bridgeRate: ({ facts, interfaceName, connected, records }: OnBus & Pick<ToPlan, 'records'>) =>
    compiledRate(facts, interfaceName, connected, records),
  configMcus: ({ facts, printer }: { readonly facts: PiFacts; readonly printer: PrinterFacts }) =>
    configMcus(facts, printer),
  printersOn: ({ facts, interfaceName }: Omit<OnBus, 'connected'>) =>
    facts.printers.filter((each) => usesInterface(facts, each, interfaceName)),
} as const;

export type FactsWorks = typeof factsWorks;

/** Does these works, here or elsewhere. Throws what the work throws with a code, `pi/bad-report` and `cancelled`. */
export interface FactsWork {
  do<Name extends keyof FactsWorks>(
    name: Name,
    input: Parameters<FactsWorks[Name]>[0],
    signal?: AbortSignal,
  ): Promise<ReturnType<FactsWorks[Name]>>;
}

type Work = (input: unknown) => unknown;

export const hereAndNow: FactsWork = {
  // A promise, so that what it throws is a rejection as elsewhere.
  do: <Name extends keyof FactsWorks>(name: Name, input: Parameters<FactsWorks[Name]>[0]) =>
    Promise.resolve(input).then((given) => (factsWorks[name] as Work)(given) as ReturnType<FactsWorks[Name]>),
};
