import { sectionNames, type ConfigTree } from '../printer-config/config-tree.ts';
import { canbusSections, sameUuid } from '../printer-config/set-canbus.ts';
import { boardsInConfigs, bridgesOf } from './boards-seen.ts';
import { hands, none, planWith, type Check, type Examination } from './check.ts';
import { boardTroubles, configTroubles } from './config-troubles.ts';
import type { PiFacts } from './facts.ts';
import { configTree } from './config-trees.ts';
import { wishedBoardSchema } from './plan-types.ts';

function trees(facts: PiFacts): ConfigTree[] {
  return [...new Set(facts.printers.map(({ configPath }) => configPath))].flatMap(
    (path) => configTree(facts, path) ?? [],
  );
}

export function checkUuids({ facts, wishes }: Examination): Check {
  const base = {
    id: 'uuids',
    question: 'Does printer.cfg name the right boards?',
    why: 'A canbus_uuid has 12 hexadecimal digits and belongs to one chip; [mcu] must not keep its old serial: line.',
  };
  const found = trees(facts);
  if (found.length === 0)
    return { ...base, verdict: 'unknown', answer: 'No printer.cfg was found.', fix: none };
  const sections = found.flatMap(canbusSections);
  const refused = found.flatMap(boardTroubles);
  const troubles = refused.map(({ text }) => text);
  const stale = refused.flatMap(({ problem, section, canbusUuid }) => {
    if (problem !== 'serial-too') return [];
    const board = { section, canbusUuid: canbusUuid.toLowerCase().replace(/^0x/, '').padStart(12, '0') };
    const wish = wishedBoardSchema.safeParse(board);
    return wish.success ? [wish.data] : [];
  });
  for (const { section, canbusUuid } of wishes.boards) {
    const named = sections.find((each) => each.section === section);
    if (named === undefined || !sameUuid(named.canbusUuid, canbusUuid)) {
      troubles.push(`[${section}] is ${named?.canbusUuid ?? 'not on the bus'}, not ${canbusUuid}`);
    }
  }
  if (troubles.length > 0) {
    const boards = [
      ...wishes.boards,
      ...stale.filter(({ section }) => !wishes.boards.some((board) => board.section === section)),
    ];
    const fix = boards.length > 0 ? planWith({ boards }) : hands('Correct the named sections.');
    return { ...base, verdict: 'wrong', answer: `${troubles.join('; ')}.`, fix };
  }
  const told = sections.map(({ section, canbusUuid }) => `[${section}] ${canbusUuid}`).join(', ');
  return {
    ...base,
    verdict: 'fine',
    answer: told === '' ? 'No section is on the bus.' : `${told}.`,
    fix: none,
  };
}

export function checkIdentity({ facts, printer }: Examination): Check {
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
  const works = printer.kind === 'status' && printer.status.klippy === 'ready';
  const answer = `No section of printer.cfg is the bridge: ${told}.`;
  const boards = [{ section: 'mcu', canbusUuid: bridge.uuid }];
  // If Klipper runs, its [mcu] may well be another board, and only a person knows.
  if (works || bridges.length > 1) {
    return { ...base, verdict: 'look', answer, fix: hands('Name its section and its uuid in a plan.') };
  }
  return { ...base, verdict: 'wrong', answer, fix: planWith({ boards }) };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function checkConfig({ facts }: Examination): Check {
  const base = {
    id: 'config',
    question: 'Can Klipper read printer.cfg?',
    why: 'One line that it does not understand keeps Klipper from starting.',
  };
  const found = trees(facts);
  if (found.length === 0)
    return { ...base, verdict: 'unknown', answer: 'No printer.cfg was found.', fix: none };
  const troubles = found.flatMap((tree) => configTroubles(facts, tree));
  const stops = troubles.some(({ kind }) => kind === 'stops');
  if (troubles.length > 0) {
    const more = troubles.length > 5 ? `, and ${troubles.length - 5} more` : '';
    const answer = troubles
      .slice(0, 5)
      .map(({ text }) => text)
      .join('; ');
    return {
      ...base,
      verdict: stops ? 'wrong' : 'look',
      answer: `${answer}${more}.`,
      fix: hands('Correct the named lines.'),
    };
  }
  const count = found.reduce((sum, tree) => sum + sectionNames(tree).length, 0);
  return { ...base, verdict: 'fine', answer: `Yes, ${count} sections.`, fix: none };
}

export function checkQuery({ facts, printer }: Examination): Check {
  const base = {
    id: 'query',
    question: 'Would canbus_query.py find the boards now?',
    why: 'Only unclaimed boards reply. A running Klipper has claimed them: zero is the right result, and a query may disturb the bus.',
  };
  if (printer.kind === 'status' && printer.status.klippy === 'ready') {
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

export function checkVersions({ facts, printer, mcus }: Examination): Check {
  const base = {
    id: 'versions',
    question: 'Do host and boards have the same Klipper?',
    why: 'After an update of the host "MCU Protocol error" comes from boards that still have an older firmware.',
  };
  const host =
    (printer.kind === 'status' ? printer.status.softwareVersion : null) ?? facts.klipperTree?.version ?? null;
  const known = mcus.filter(({ version }) => version !== null);
  if (host === null || known.length === 0) {
    return { ...base, verdict: 'unknown', answer: 'Klipper is not connected to its boards.', fix: none };
  }
  const commit = (version: string): string => /-g([0-9a-f]{7,})/.exec(version)?.[1]?.slice(0, 7) ?? version;
  const others = known.filter(({ version }) => version !== null && commit(version) !== commit(host));
  const told = known.map(({ section, version }) => `[${section}] ${version ?? ''}`).join(', ');
  if (others.length === 0) return { ...base, verdict: 'fine', answer: `Host ${host}; ${told}.`, fix: none };
  // The nodes are reached through the bridge, which forwards frames whatever its version.
  const fix = hands(
    'Build every board at the commit of the host and flash it: the nodes behind the bridge first, the bridge last.',
  );
  return { ...base, verdict: 'look', answer: `Host ${host}; ${told}.`, fix };
}

export function checkKlipper({ printer }: Examination): Check {
  const base = { id: 'klipper', question: 'Is Klipper ready?', why: 'It is the point of all of this.' };
  switch (printer.kind) {
    case 'not-running':
      return {
        ...base,
        verdict: 'wrong',
        answer: 'It is not running.',
        fix: hands('sudo systemctl start klipper'),
      };
    case 'auth-needed':
      return {
        ...base,
        verdict: 'unknown',
        answer: 'Moonraker requires an API key.',
        fix: hands('Connect again with the API key, which Mainsail and Fluidd show under API Key.'),
      };
    case 'unreachable':
      return {
        ...base,
        verdict: 'unknown',
        answer: 'Moonraker does not reply.',
        fix: hands('sudo systemctl restart moonraker'),
      };
    case 'status': {
      const { klippy, message } = printer.status;
      if (klippy === 'ready') return { ...base, verdict: 'fine', answer: 'Yes.', fix: none };
      const words = (message ?? '').trim().split('\n').slice(0, 3).join(' ');
      const fix = hands('Its message names the section or the board; then FIRMWARE_RESTART.');
      return { ...base, verdict: 'wrong', answer: `No, "${klippy}": ${words}`, fix };
    }
  }
}
