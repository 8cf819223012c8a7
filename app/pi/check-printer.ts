import { sectionNames, type ConfigTree } from '../printer-config/config-tree.ts';
import { canbusSections, sameUuid } from '../printer-config/set-canbus.ts';
import { boardsInConfigs, bridgesOf } from './boards-seen.ts';
import {
  hands,
  none,
  planWith,
  together,
  type Check,
  type ExaminedPrinter,
  type Examination,
} from './check.ts';
import { boardTroubles, configTroubles } from './config-troubles.ts';
import type { PiFacts } from './facts.ts';
import { configTree } from './config-trees.ts';
import { wishedBoardSchema, type PiWishes } from './plan-types.ts';
import type { PrinterAnswer } from './printer-status.ts';

const noConfig = { verdict: 'unknown', answer: 'No printer.cfg was found.', fix: none } as const;

export function checkUuids({ facts, printers, wishes }: Examination): Check {
  const base = {
    id: 'uuids',
    question: 'Does printer.cfg name the right boards?',
    why: 'A canbus_uuid has 12 hexadecimal digits and belongs to one chip; [mcu] must not keep its old serial: line.',
  };
  const absent = { ...base, ...noConfig };
  // Which printer the wished boards belong to is not known among several.
  const boards = printers.length > 1 ? [] : wishes.boards;
  return together(printers, absent, ({ printer }) => {
    const tree = configTree(facts, printer.configPath);
    return tree === null ? absent : { ...base, ...uuidsOf(tree, boards) };
  });
}

function uuidsOf(tree: ConfigTree, wished: PiWishes['boards']): Pick<Check, 'verdict' | 'answer' | 'fix'> {
  const sections = canbusSections(tree);
  const refused = boardTroubles(tree);
  const troubles = refused.map(({ text }) => text);
  const stale = refused.flatMap(({ problem, section, canbusUuid }) => {
    if (problem !== 'serial-too') return [];
    const board = { section, canbusUuid: canbusUuid.toLowerCase().replace(/^0x/, '').padStart(12, '0') };
    const wish = wishedBoardSchema.safeParse(board);
    return wish.success ? [wish.data] : [];
  });
  for (const { section, canbusUuid } of wished) {
    const named = sections.find((each) => each.section === section);
    if (named === undefined || !sameUuid(named.canbusUuid, canbusUuid)) {
      troubles.push(`[${section}] is ${named?.canbusUuid ?? 'not on the bus'}, not ${canbusUuid}`);
    }
  }
  if (troubles.length > 0) {
    const boards = [
      ...wished,
      ...stale.filter(({ section }) => !wished.some((board) => board.section === section)),
    ];
    const fix = boards.length > 0 ? planWith({ boards }) : hands('Correct the named sections.');
    return { verdict: 'wrong', answer: `${troubles.join('; ')}.`, fix };
  }
  const told = sections.map(({ section, canbusUuid }) => `[${section}] ${canbusUuid}`).join(', ');
  return {
    verdict: 'fine',
    answer: told === '' ? 'No section is on the bus.' : `${told}.`,
    fix: none,
  };
}

export function checkIdentity({ facts, printers }: Examination): Check {
  const base = {
    id: 'identity',
    question: 'Which board is the bridge to Klipper?',
    why: 'The uuid of a board follows from its chip, which a bridge shows as its USB serial number. A bridge is not on its own bus, so a query from another adapter, and Katapult\'s "flashtool.py -u" once it waits in Katapult, cannot find it: there it is a serial port.',
  };
  const bridges = bridgesOf(facts);
  const [bridge] = bridges;
  if (bridge === undefined) {
    return {
      ...base,
      verdict: 'unknown',
      answer: 'No bridge shows its chip on the USB of the Pi.',
      fix: none,
    };
  }
  const named = boardsInConfigs(facts);
  const known = bridges.flatMap(({ busPort, uuid }) => {
    const section = named.find((board) => sameUuid(board.canbusUuid, uuid))?.section;
    return section === undefined ? [] : [`the bridge at ${busPort} is [${section}], ${uuid}`];
  });
  if (known.length > 0)
    return { ...base, verdict: 'fine', answer: `${capital(known.join('; '))}.`, fix: none };
  const told = bridges.map(({ busPort, uuid }) => `${uuid} at ${busPort}`).join(', ');
  const works = printers.some(({ answer }) => isReady(answer));
  const answer = `No section of printer.cfg is the bridge: ${told}.`;
  const boards = [{ section: 'mcu', canbusUuid: bridge.uuid }];
  // If Klipper runs, its [mcu] may well be another board, and only a person knows.
  if (works || bridges.length > 1 || facts.printers.length > 1) {
    return { ...base, verdict: 'look', answer, fix: hands('Name its section and its uuid in a plan.') };
  }
  return { ...base, verdict: 'wrong', answer, fix: planWith({ boards }) };
}

function isReady(answer: PrinterAnswer): boolean {
  return answer.kind === 'status' && answer.status.klippy === 'ready';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function checkConfig({ facts, printers }: Examination): Check {
  const base = {
    id: 'config',
    question: 'Can Klipper read printer.cfg?',
    why: 'One line that it does not understand keeps Klipper from starting.',
  };
  const absent = { ...base, ...noConfig };
  return together(printers, absent, ({ printer }) => {
    const tree = configTree(facts, printer.configPath);
    return tree === null ? absent : { ...base, ...readabilityOf(facts, tree) };
  });
}

function readabilityOf(facts: PiFacts, tree: ConfigTree): Pick<Check, 'verdict' | 'answer' | 'fix'> {
  const troubles = configTroubles(facts, tree);
  const stops = troubles.some(({ kind }) => kind === 'stops');
  if (troubles.length > 0) {
    const more = troubles.length > 5 ? `, and ${troubles.length - 5} more` : '';
    const answer = troubles
      .slice(0, 5)
      .map(({ text }) => text)
      .join('; ');
    return {
      verdict: stops ? 'wrong' : 'look',
      answer: `${answer}${more}.`,
      fix: hands('Correct the named lines.'),
    };
  }
  return { verdict: 'fine', answer: `Yes, ${sectionNames(tree).length} sections.`, fix: none };
}

export function checkQuery({ facts, printers }: Examination): Check {
  const base = {
    id: 'query',
    question: 'Would canbus_query.py find the boards now?',
    why: 'Only unclaimed boards reply. A running Klipper has claimed them: zero is the right result, and a query may disturb the bus.',
  };
  if (printers.some(({ answer }) => isReady(answer))) {
    return { ...base, verdict: 'fine', answer: 'No, and that is normal: Klipper owns them.', fix: none };
  }
  if (facts.pythonCan.length === 0) {
    const fix = hands('sudo apt install python3-can, or ~/klippy-env/bin/pip install python-can.');
    return { ...base, verdict: 'look', answer: 'No: the Python module "can" is not installed.', fix };
  }
  return {
    ...base,
    verdict: 'fine',
    answer: `The module is there (${facts.pythonCan.join(', ')}).`,
    fix: none,
  };
}

export function checkVersions({ facts, printers }: Examination): Check {
  const base = {
    id: 'versions',
    question: 'Do host and boards have the same Klipper?',
    why: 'After an update of the host "MCU Protocol error" comes from boards that still have an older firmware.',
  };
  const absent = {
    ...base,
    verdict: 'unknown',
    answer: 'Klipper is not connected to its boards.',
    fix: none,
  } as const;
  return together(printers, absent, (each) => ({ ...absent, ...versionsOf(facts, each) }));
}

function versionsOf(facts: PiFacts, { answer, mcus }: ExaminedPrinter): Partial<Check> {
  const host =
    (answer.kind === 'status' ? answer.status.softwareVersion : null) ?? facts.klipperTree?.version ?? null;
  const known = mcus.filter(({ version }) => version !== null);
  if (host === null || known.length === 0) return {};
  const commit = (version: string): string => /-g([0-9a-f]{7,})/.exec(version)?.[1]?.slice(0, 7) ?? version;
  const others = known.filter(({ version }) => version !== null && commit(version) !== commit(host));
  const told = known.map(({ section, version }) => `[${section}] ${version ?? ''}`).join(', ');
  if (others.length === 0) return { verdict: 'fine', answer: `Host ${host}; ${told}.`, fix: none };
  // The nodes are reached through the bridge, which forwards frames whatever its version.
  const fix = hands(
    'Build every board at the commit of the host and flash it: the nodes behind the bridge first, the bridge last.',
  );
  return { verdict: 'look', answer: `Host ${host}; ${told}.`, fix };
}

export function checkKlipper({ printers }: Examination): Check {
  const base = { id: 'klipper', question: 'Is Klipper ready?', why: 'It is the point of all of this.' };
  const absent = { ...base, ...stopped('klipper') } as const;
  return together(printers, absent, (each) => ({ ...base, ...readinessOf(each) }));
}

function stopped(unit: string) {
  return {
    verdict: 'wrong',
    answer: 'It is not running.',
    fix: hands(`sudo systemctl start ${unit}`),
  } as const;
}

function readinessOf({ printer, answer }: ExaminedPrinter): Pick<Check, 'verdict' | 'answer' | 'fix'> {
  const unitOf = (unit: string | null | undefined, usual: string): string =>
    unit?.replace(/\.service$/, '') ?? usual;
  switch (answer.kind) {
    case 'not-running':
      return stopped(unitOf(printer.unit, 'klipper'));
    case 'auth-needed':
      return {
        verdict: 'unknown',
        answer: 'Moonraker requires an API key.',
        fix: hands('Connect again with the API key, which Mainsail and Fluidd show under API Key.'),
      };
    case 'unreachable':
      return {
        verdict: 'unknown',
        answer: 'Moonraker does not reply.',
        fix: hands(`sudo systemctl restart ${unitOf(printer.moonraker?.unit, 'moonraker')}`),
      };
    case 'status': {
      const { klippy, message } = answer.status;
      if (klippy === 'ready') return { verdict: 'fine', answer: 'Yes.', fix: none };
      const words = (message ?? '').trim().split('\n').slice(0, 3).join(' ');
      const fix = hands('Its message names the section or the board; then FIRMWARE_RESTART.');
      return { verdict: 'wrong', answer: `No, "${klippy}": ${words}`, fix };
    }
  }
}
