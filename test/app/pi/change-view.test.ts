import { describe, expect, it } from 'vitest';
import { changeViews } from '../../../app/pi/change-view.ts';
import { draftJournal, parseJournal, type PlanJournal } from '../../../app/pi/journal.ts';
import type { PiPlan } from '../../../app/pi/plan-types.ts';

const goal = {
  ...{ interfaceName: 'can0', bitrateBps: 1_000_000, txQueueLength: 128 },
  boards: [{ section: 'mcu', canbusUuid: '6beb0175188a' }],
};
const plan: PiPlan = {
  stack: 'networkd',
  steps: [
    {
      ...{
        kind: 'file',
        path: '/etc/a',
        reason: 'r',
        asRoot: true,
        mode: 0o644,
        makesFolder: false,
        backupPlace: 'beside',
      },
      ...{ before: new Uint8Array([1]), after: new Uint8Array([2]) },
    },
    { kind: 'command', argv: ['networkctl', 'reload'], reason: 'r', asRoot: true, accepts: null },
    { kind: 'klipper', via: 'systemd', unit: 'klipper.service', reason: 'r', asRoot: true },
  ],
  undo: { before: [], after: [{ kind: 'command', argv: ['true'], reason: 'r', asRoot: true, accepts: [0] }] },
  ...{
    notes: [],
    blockers: [],
    configPath: null,
    printer: { name: 'printer_2', configPath: '/home/pi/printer_2_data/config/printer.cfg' },
    printers: [],
    goal,
  },
};

async function journalText(
  change: (journal: PlanJournal) => unknown = (journal) => journal,
): Promise<string> {
  const { journal } = await draftJournal(plan, '20261121-013005-1a2b', new Date(0), '/home/pi');
  return JSON.stringify(change(journal));
}

describe('a journal', () => {
  it('is read as it was written', async () => {
    const { journal } = await draftJournal(plan, '20261121-013005-1a2b', new Date(0), '/home/pi');
    expect(parseJournal(JSON.stringify(journal))).toEqual(journal);
  });

  it.each<[string, (journal: PlanJournal) => unknown]>([
    ['another format', (journal) => ({ ...journal, format: 2 })],
    [
      'a path that is not absolute',
      (journal) => ({ ...journal, steps: [{ ...journal.steps[0], path: 'etc/a' }] }),
    ],
    ['a path with a NUL', (journal) => ({ ...journal, steps: [{ ...journal.steps[0], path: '/etc/a\0b' }] })],
    [
      'a staged name in another folder',
      (journal) => ({ ...journal, steps: [{ ...journal.steps[0], staged: '../new-1' }] }),
    ],
    ['a command without words', (journal) => ({ ...journal, steps: [{ ...journal.steps[1], argv: [] }] })],
    [
      'a step of another kind',
      (journal) => ({ ...journal, steps: [{ ...journal.steps[1], kind: 'shell' }] }),
    ],
    [
      'a file among the commands of the undo',
      (journal) => ({ ...journal, undo: { before: [journal.steps[0]], after: [] } }),
    ],
  ])('is refused with %s', async (_, change) => {
    const text = await journalText(change);
    expect(() => parseJournal(text)).toThrow(expect.objectContaining({ code: 'pi/bad-report' }));
  });
});

describe('the changes of a Pi', () => {
  it('come last one first, an unreadable one without its files, and only what is named as a change', async () => {
    const text = await journalText();
    const views = changeViews([
      { id: '20261121-013005-1a2b', state: 'applied', text },
      { id: '20261122-013005-1a2b', state: 'open', text: '{}' },
      { id: 'notes of mine', state: '', text },
    ]);
    expect(views).toEqual([
      { id: '20261122-013005-1a2b', state: 'open', begun: null, files: [], printer: null, goal: null },
      {
        id: '20261121-013005-1a2b',
        state: 'applied',
        printer: 'printer_2',
        begun: '1970-01-01T00:00:00.000Z',
        files: ['/etc/a'],
        goal,
      },
    ]);
  });
});
