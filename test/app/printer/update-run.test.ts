import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../app/errors.ts';
import { planUpdate } from '../../../app/printer/plan.ts';
import type { PrinterMcu } from '../../../app/printer/printer-mcu.ts';
import { newUpdateJournal, type UpdateJournal } from '../../../app/printer/update-journal.ts';
import type { UpdateDirection } from '../../../app/printer/update-order.ts';
import { runUpdate, type UpdateEvent, type UpdateReport } from '../../../app/printer/update-run.ts';
import { cases } from '../../counts.ts';
import { codeOfRejection } from '../../error-code.ts';
import { boardMcu, bridgeMcu, hostMcu, hostVersion, mcuOf, surveyOf } from './mcus.ts';
import { cuts, ModelPrinter } from './model-printer.ts';

const second = mcuOf({ name: 'mcu EBB2', place: 'pi:voron/can0/1e1a2b3c4d5e' });
const all: readonly PrinterMcu[] = [bridgeMcu, second, boardMcu, mcuOf()];
const never = new AbortController().signal;

function journalOf(mcus: readonly PrinterMcu[]): UpdateJournal {
  const plan = planUpdate(surveyOf(mcus), { scope: 'all' });
  const keys = new Map(plan.steps.map(({ name }, index) => [name, index.toString(16).repeat(64)]));
  return newUpdateJournal(plan, {
    ...{ id: '20261201-120000-0001', begun: new Date(0) },
    imageOf: (name) => ({
      key: `new-${name.replaceAll(' ', '-').toLowerCase()}`,
      sha256: keys.get(name) ?? '',
      version: hostVersion,
    }),
  });
}

async function ended(
  run: AsyncGenerator<UpdateEvent, UpdateReport, void>,
  onEvent: (event: UpdateEvent) => void = () => undefined,
): Promise<UpdateReport> {
  for (;;) {
    const next = await run.next();
    if (next.done === true) return next.value;
    onEvent(next.value);
  }
}

const go = (
  printer: ModelPrinter,
  journal: UpdateJournal,
  direction: UpdateDirection,
): Promise<UpdateReport> => ended(runUpdate(journal, direction, printer.work, never));

const held = (printer: ModelPrinter): string[] => [...printer.chips.values()].map(({ holds }) => holds);

/** In every moment each chip is whole, or the journal knows that it is not and begins with what others are behind. */
function expectReach(printer: ModelPrinter, begun: UpdateJournal): void {
  const steps = (printer.journal ?? begun).steps;
  for (const [name, { holds }] of printer.chips) {
    if (holds === 'half') expect(steps.find((step) => step.name === name)?.progress).toBe('begun');
  }
}

const anyCut = fc.record({
  kind: fc.constantFrom(...cuts),
  after: fc.nat({ max: 30 }),
  losesCopy: fc.boolean(),
  then: fc.constantFrom<UpdateDirection>('forward', 'back'),
});

const anyMcus = fc.record({
  nodes: fc.array(fc.boolean(), { maxLength: 4 }),
  boards: fc.array(fc.boolean(), { maxLength: 2 }),
  bridge: fc.boolean(),
  isProcess: fc.boolean(),
});

function mcusOf({
  nodes,
  boards,
  bridge,
  isProcess,
}: {
  nodes: boolean[];
  boards: boolean[];
  bridge: boolean;
  isProcess: boolean;
}): PrinterMcu[] {
  const kept = (mcu: PrinterMcu, isKept: boolean): PrinterMcu => (isKept ? mcu : { ...mcu, former: null });
  return [
    kept(bridgeMcu, bridge),
    ...nodes.map((isKept, index) => kept(mcuOf({ name: `mcu N${index}` }), isKept)),
    ...boards.map((isKept, index) => kept({ ...boardMcu, name: `mcu B${index}` }, isKept)),
    ...(isProcess ? [hostMcu] : []),
  ];
}

describe('an update of a printer', () => {
  it('cut anywhere, any number of times: nothing is out of reach, resume and roll back both end well', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyMcus,
        fc.array(anyCut, { minLength: 1, maxLength: 5 }),
        fc.constantFrom<UpdateDirection>('forward', 'back'),
        async (mcus, sequence, last) => {
          const begun = journalOf(mcusOf(mcus));
          const printer = new ModelPrinter(begun);
          let direction: UpdateDirection = 'forward';
          for (const { then, ...cut } of sequence) {
            printer.arm(cut);
            await go(printer, printer.journal ?? begun, direction).catch((error: unknown) => {
              if (!isCanopusError(error)) throw error;
            });
            expectReach(printer, begun);
            direction = then;
          }
          printer.arm(null);
          const { journal } = await go(printer, printer.journal ?? begun, last);
          expect(journal.state).toBe(last === 'forward' ? 'updated' : 'back');
          expect(printer.isHeld).toBe(false);
          for (const { name, former } of begun.steps) {
            const holds = printer.chips.get(name)?.holds;
            if (last === 'forward') expect(holds).toBe('new');
            else expect(former === null ? ['former', 'new'] : ['former']).toContain(holds);
          }
        },
      ),
      { numRuns: cases(1000, 200) },
    );
  });

  it('cut after every operation in turn: the same', async () => {
    const begun = journalOf(all);
    const whole = new ModelPrinter(begun);
    await go(whole, begun, 'forward');
    expect(whole.operations).toBeGreaterThan(20);
    for (const then of ['forward', 'back'] as const) {
      for (let after = 0; after < whole.operations; after += 1) {
        const printer = new ModelPrinter(begun);
        printer.arm({ kind: 'power', after, losesCopy: false });
        await expect(go(printer, begun, 'forward')).rejects.toThrow();
        expectReach(printer, begun);
        printer.arm(null);
        await go(printer, printer.journal ?? begun, then);
        expect(new Set(held(printer))).toEqual(new Set([then === 'forward' ? 'new' : 'former']));
      }
    }
  });

  it('stops before the bridge when a node fails, and says how far it is', async () => {
    const begun = journalOf(all);
    const printer = new ModelPrinter(begun);
    const { work } = printer;
    const run = runUpdate(
      begun,
      'forward',
      {
        ...work,
        write: (write, signal) => {
          if (write.step.name === 'mcu EBB') throw new Error('no reply');
          return work.write(write, signal);
        },
      },
      never,
    );
    await expect(ended(run)).rejects.toMatchObject({
      code: 'printer/update-stopped',
      message:
        '[mcu EBB]: no reply. Updated: [mcu EBB2]; to be written again: [mcu EBB]; not changed yet: [mcu MMU] and [mcu].',
    });
    expect(printer.chips.get('mcu')?.holds).toBe('former');
    expect(printer.isHeld).toBe(false);
  });

  it('cancelled during one MCU, it ends before the next, and Klipper runs again', async () => {
    const begun = journalOf(all);
    const printer = new ModelPrinter(begun);
    const stop = new AbortController();
    const run = runUpdate(begun, 'forward', printer.work, stop.signal);
    const steps: string[] = [];
    const work = ended(run, (event) => {
      if (event.type !== 'pi-step') return;
      steps.push(event.outcome);
      if (event.outcome === 'started') stop.abort();
    });
    expect(await codeOfRejection(work)).toBe('cancelled');
    expect(steps).toEqual(['started', 'done']);
    expect(printer.isHeld).toBe(false);
    await go(printer, printer.journal ?? begun, 'forward');
    expect(new Set(held(printer))).toEqual(new Set(['new']));
  });

  it('does not stop Klipper when nothing is left to write, and proves again', async () => {
    const begun = journalOf(all);
    const printer = new ModelPrinter(begun);
    const { journal } = await go(printer, begun, 'forward');
    const work = { ...printer.work, hold: () => Promise.reject(new Error('not to be stopped')) };
    const again = await ended(runUpdate(journal, 'forward', work, never));
    expect(again).toMatchObject({ written: 0, journal: { state: 'updated' } });
  });
});
