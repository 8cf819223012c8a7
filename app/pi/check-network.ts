import { canSources, type CanSource } from './can-sources.ts';
import { hands, none, plan, type Check, type Examination } from './check.ts';
import { comesBackBy, isEffective } from './choose-stack.ts';
import { unreadWords } from './facts.ts';
import { deafNetworkFiles, hiddenNetworkFiles } from './network-units.ts';
import { describeSource } from './rivals.ts';

export function checkInterface({ facts, wishes }: Examination): Check {
  const { interfaceName } = wishes;
  const base = {
    id: 'interface',
    question: `Is ${interfaceName} up?`,
    why: 'Klipper reaches the boards through this network interface.',
  };
  const found = facts.interfaces.find(({ name }) => name === interfaceName);
  if (found === undefined) {
    const others = facts.interfaces.map(({ name }) => name).join(', ');
    const answer =
      others === '' ? 'There is no CAN interface.' : `There is no ${interfaceName}, but ${others}.`;
    return {
      ...base,
      verdict: 'wrong',
      answer,
      fix: others === '' ? hands('Plug the bridge in; see the checks above.') : plan,
    };
  }
  if (!found.up)
    return {
      ...base,
      verdict: 'wrong',
      answer: `${interfaceName} exists but is down.`,
      fix: plan,
      canBringUp: true,
    };
  return { ...base, verdict: 'fine', answer: `${interfaceName} is up.`, fix: none };
}

export function checkSettings({ facts, wishes }: Examination): Check {
  const { interfaceName, bitrateBps, txQueueLength } = wishes;
  const base = {
    id: 'settings',
    question: `Has ${interfaceName} the right bit rate and queue length?`,
    why: 'The bridge uses the bit rate that was compiled in, whatever Linux is configured for; both should agree. A queue of 10 drops frames, a very long one only delays stale ones.',
  };
  const found = facts.interfaces.find(({ name }) => name === interfaceName);
  if (found === undefined || !found.up)
    return { ...base, verdict: 'unknown', answer: 'It is not up.', fix: none };
  if (!facts.ipJson) {
    const old = `The command "ip" is too old to show it; queue length ${found.txQueueLength}.`;
    return { ...base, verdict: 'unknown', answer: old, fix: hands('Install iproute2 of 2017 or later.') };
  }
  const answer = `${found.bitrateBps ?? 'no'} bit/s, queue length ${found.txQueueLength}`;
  if (found.bitrateBps === bitrateBps && found.txQueueLength === txQueueLength) {
    return { ...base, verdict: 'fine', answer: `${answer}.`, fix: none };
  }
  const verdict = found.bitrateBps === bitrateBps ? 'look' : 'wrong';
  return {
    ...base,
    verdict,
    answer: `${answer}; wanted are ${bitrateBps} bit/s and ${txQueueLength}.`,
    fix: plan,
  };
}

export function checkStack({ facts, wishes }: Examination): Check {
  const { interfaceName } = wishes;
  const base = {
    id: 'stack',
    question: `Will ${interfaceName} come up automatically?`,
    why: 'Whenever Klipper resets the bridge the interface vanishes, and something has to bring it up again.',
  };
  const sources = canSources(facts, wishes);
  const live = sources.filter((each) => comesBackBy(facts, each) !== null);
  const first = live.find((each) => comesBackBy(facts, each) === 'always');
  if (first?.kind === 'networkd' && first.parsed.asksForRestart) {
    const up = facts.interfaces.some(({ name, up: isUp }) => name === interfaceName && isUp);
    const answer = `${up ? 'With an older kernel only' : 'No'}: ${first.file.path} sets RestartSec, which Linux refuses for a bridge since the summer of 2025, and then systemd-networkd leaves ${interfaceName} down.`;
    return { ...base, verdict: up ? 'look' : 'wrong', answer, fix: plan };
  }
  if (first)
    return { ...base, verdict: 'fine', answer: `Yes: ${describeSource(first, interfaceName)}.`, fix: none };
  const atBoot = live.find((each) => comesBackBy(facts, each) === 'boot');
  if (atBoot !== undefined) {
    const answer = `At boot only: ${describeSource(atBoot, interfaceName)}, once. After FIRMWARE_RESTART, or when the board is plugged in again, ${interfaceName} stays down.`;
    return { ...base, verdict: 'wrong', answer, fix: plan };
  }
  const [perhaps] = live;
  if (perhaps !== undefined) {
    const answer = `It cannot be told: ${describeSource(perhaps, interfaceName)}, but whether after a reset of the bridge, too, is not known.`;
    return { ...base, verdict: 'look', answer, fix: plan };
  }
  const [hidden] = hiddenNetworkFiles(facts);
  if (hidden !== undefined) {
    const answer = `It is unknown: ${hidden.path} ${unreadWords(hidden.why, facts.user)}.`;
    return { ...base, verdict: 'unknown', answer, fix: hands(`sudo chmod a+r ${hidden.path}`) };
  }
  const [deaf] = deafNetworkFiles(facts);
  if (deaf !== undefined) {
    const answer = `No: ${deaf.path} has no effect, because systemd-networkd runs as the user systemd-network, which may not read it.`;
    return { ...base, verdict: 'wrong', answer, fix: plan };
  }
  const [dead] = sources.filter(({ kind }) => kind !== 'queue-rule' && kind !== 'link');
  const answer = dead
    ? `No: ${describeSource(dead, interfaceName)}${isOff(dead) ? '' : ', but that is not what this system uses'}.`
    : 'No: nothing configures it.';
  return { ...base, verdict: 'wrong', answer, fix: plan };
}

/** It says itself why it does nothing. */
function isOff(source: CanSource): boolean {
  return (source.kind === 'unit' || source.kind === 'script') && source.comesBack === 'never';
}

export function checkRivals({ facts, wishes }: Examination): Check {
  const { interfaceName } = wishes;
  const base = {
    id: 'rivals',
    question: `Does anything else set ${interfaceName}?`,
    why: 'Where two guides were followed, the last one wins, and that changes from boot to boot.',
  };
  const sources = canSources(facts, wishes).filter(
    (each) => each.kind !== 'queue-rule' && each.kind !== 'link' && isEffective(facts, each),
  );
  if (sources.length < 2) return { ...base, verdict: 'fine', answer: 'No.', fix: none };
  const told = sources.map((each) => describeSource(each, interfaceName)).join('; ');
  return { ...base, verdict: 'look', answer: `Yes: ${told}.`, fix: plan };
}

export function checkErrors({ facts, wishes }: Examination): Check {
  const base = {
    id: 'errors',
    question: 'Is the bus free of errors?',
    why: 'Error counters grow with a missing resistor, swapped or loose wires, a board at another bit rate, or a bridge that is alone on its bus.',
  };
  const found = facts.interfaces.find(({ name }) => name === wishes.interfaceName);
  if (found?.up !== true)
    return { ...base, verdict: 'unknown', answer: 'The interface is not up.', fix: none };
  const counters =
    found.txErrors === null
      ? ''
      : `, error counters ${found.txErrors} sent and ${found.rxErrors ?? 0} received`;
  const offs = (found.busOffCount ?? 0) > 0 ? `, ${found.busOffCount ?? 0} times bus-off` : '';
  const answer = `${found.state ?? 'no state reported'}${counters}${offs}.`;
  const bad = found.state === 'ERROR-PASSIVE' || found.state === 'BUS-OFF';
  if (!bad && found.state !== 'ERROR-WARNING' && offs === '')
    return { ...base, verdict: 'fine', answer, fix: none };
  const text =
    'With the power off measure between CANH and CANL: 60 ohm is right, 120 is one resistor missing, 40 one too many. Then check wires, power of the other boards, and their bit rate.';
  return { ...base, verdict: bad ? 'wrong' : 'look', answer, fix: hands(text) };
}
