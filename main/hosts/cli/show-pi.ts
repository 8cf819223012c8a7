import type { ChangeEvent } from '../../../app/pi/change-event.ts';
import type { Check } from '../../../app/pi/check.ts';
import type { SomePiWishes } from '../../../app/pi/plan-types.ts';
import { describeMachine, describePrinter } from '../../../app/pi/describe-system.ts';
import { rebuildCommand, type Rebuild } from '../../../app/pi/recorded-board.ts';
import { describeInterface, type ProofEvent } from '../../../app/pi/proof.ts';
import type { PrinterAnswer } from '../../../app/pi/printer-status.ts';
import type { FactsSummary } from '../../../app/pi/summary.ts';

export function showFacts({ system, network, klipper, changes }: FactsSummary): string {
  const rows: [string, string][] = [
    ['host', [system.hostName, system.model, system.os].filter((each) => each !== null).join(', ')],
    ['kernel', `${system.kernel ?? 'unknown'} ${describeMachine(system)}, gs_usb ${network.gsUsb}`],
    ['user', `${system.user}, sudo: ${sudoWords[system.sudo]}`],
    ['network', `${network.stack ?? 'nothing'} (${network.why})`],
    ...network.configuredBy.map((told): [string, string] => ['', told]),
    ...network.hat.map(({ path, line, text }): [string, string] => [
      'HAT',
      `${path}, line ${line + 1}: ${text}`,
    ]),
    ...network.interfaces.map((each): [string, string] => [
      each.name,
      `${describeInterface(each)}${each.usb ? `, USB ${each.usb.busPort} ${each.usb.serial ?? ''}` : ', not USB'}`,
    ]),
    ...klipper.configs.flatMap(({ path, boards, files }): [string, string][] => [
      ['printer.cfg', `${path} (${files.length} files)`],
      ...boards.map(({ section, canbusUuid, canbusInterface }): [string, string] => [
        '',
        `[${section}] ${canbusUuid} on ${canbusInterface}`,
      ]),
    ]),
    ...klipper.printers.flatMap((each): [string, string][] => [
      ['printer', describePrinter(each)],
      ['', `Klipper ${printerWords(each.answer)}`],
    ]),
    [
      'sources',
      klipper.tree
        ? `${klipper.tree.path} ${klipper.tree.version ?? klipper.tree.commit ?? ''}`
        : 'not found',
    ],
    ...changes.map(({ id, state }): [string, string] => ['change', `${id} ${state}`]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(12)}${value}`).join('\n');
}

const sudoWords = {
  root: 'not needed',
  free: 'without a password',
  password: 'with a password',
  none: 'not allowed',
} as const;

function printerWords(answer: PrinterAnswer): string {
  switch (answer.kind) {
    case 'not-running':
      return 'not running';
    case 'auth-needed':
      return 'running, but Moonraker requires an API key (--api-key-stdin)';
    case 'unreachable':
      return 'running, but Moonraker does not reply';
    case 'status': {
      const { klippy, activity, softwareVersion, message } = answer.status;
      const words = klippy === 'ready' ? '' : `: ${(message ?? '').trim().split('\n')[0] ?? ''}`;
      return `${softwareVersion ?? ''} ${klippy}${words}, ${activity}`.trim();
    }
  }
}

export function showChange(event: ChangeEvent): string | null {
  if (event.type === 'pi-journal') return `Change ${event.id}`;
  if (event.outcome === 'started') return null;
  const done = event.outcome === 'already' ? 'already done' : 'done';
  return `[${event.index + 1}/${event.steps}] ${event.what}: ${done}`;
}

const proofMarks = { started: '...', proven: 'ok ', failed: 'NO ', skipped: '-  ' } as const;

export function showProof({ outcome, seen }: ProofEvent): string | null {
  return outcome === 'started' ? null : `${proofMarks[outcome]} ${seen}`;
}

const verdictMarks = { fine: 'ok  ', look: 'look', wrong: 'NO  ', unknown: '?   ' } as const;

/** `host`: as `--host` names the Pi. */
export function showCheck(
  { verdict, question, answer, why, fix, canBringUp, rebuilds = [] }: Check,
  host: string,
): string {
  const lines = [`${verdictMarks[verdict]} ${question} ${answer}`];
  if (verdict === 'look' || verdict === 'wrong') {
    lines.push(`     Why it matters: ${why}`);
    if (fix.kind === 'plan') {
      const words = ['canopus pi plan', ...wishWords(fix.wishes)].join(' ');
      lines.push(`     "${words}" shows the fix, "canopus pi apply" with the same options makes it.`);
    }
    if (canBringUp === true) lines.push('     "canopus pi can up" brings it up now, this once.');
    if (fix.kind === 'hands') lines.push(`     ${fix.text}`);
    for (const rebuild of rebuilds) lines.push(`     ${rebuildWords(rebuild, host)}`);
  }
  return lines.join('\n');
}

/** How a board gets firmware for another bit rate, from here. */
export function rebuildWords(rebuild: Rebuild, host: string): string {
  const where = rebuild.presetId === null ? ' (BOARD is one of "canopus presets")' : '';
  return `For ${rebuild.what} at ${rebuild.bitrateBps} bit/s, plugged into this computer: ${rebuildCommand(rebuild, host)}${where}`;
}

/** The options for these wishes. */
function wishWords({
  boards = [],
  bitrateBps,
  hat,
  pinToUsbSerial,
  interfaceName,
  printer,
}: SomePiWishes): string[] {
  return [
    ...boards.map(({ section, canbusUuid }) => `--board ${section.replace(/^mcu /, '')}=${canbusUuid}`),
    ...(bitrateBps === undefined ? [] : [`--bitrate ${bitrateBps}`]),
    ...(hat === undefined ? [] : [`--hat ${hat}`]),
    ...(typeof pinToUsbSerial === 'string' ? [`--pin ${pinToUsbSerial}`] : []),
    ...(typeof printer === 'string' ? [`--printer ${shellWord(printer)}`] : []),
    ...(interfaceName === undefined ? [] : [`--interface ${interfaceName}`]),
  ];
}

/** A name as a shell takes it: `printer_1 (/home/pi/a.cfg)` has a blank. */
function shellWord(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `"${text}"`;
}
