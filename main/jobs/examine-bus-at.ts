import { examineBus } from '../../app/printer/examine.ts';
import type { BusExamination, ExaminationEvent, NamedNode } from '../../app/printer/examination.ts';
import { onBus, type Bus } from './flash-node-at.ts';
import type { JobServices } from './job-services.ts';

interface ExamineOptions {
  readonly bus: Bus;
  /** Beside those that the machine of the bus names. */
  readonly nodes: readonly NamedNode[];
  readonly movedMs: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExaminationEvent) => void;
}

/** Far more than a way over a network takes; a reply that was lost costs as long. */
const replyMs = { here: 250, away: 1000 } as const;

/** Examines a bus that nothing else uses. Throws as `examineBus` and `flashNodeAt`. */
export function examineBusAt(services: JobServices, options: ExamineOptions): Promise<BusExamination> {
  const { bus, nodes, movedMs, signal, onEvent } = options;
  return onBus(services, bus, signal, async ({ can, bridgeUuid, named }) => {
    const { clock } = services;
    const all = new Map([...named, ...nodes].map((node) => [node.canbusUuid, node]));
    const run = examineBus(can, {
      ...{ nodes: [...all.values()], bridgeUuid, clock, movedMs, signal },
      replyMs: 'bridge' in bus ? replyMs.here : replyMs.away,
    });
    for (;;) {
      const next = await run.next();
      if (next.done === true) return next.value;
      onEvent(next.value);
    }
  });
}
