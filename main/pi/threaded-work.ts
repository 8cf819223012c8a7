import { CanopusError } from '../../app/errors.ts';
import { hereAndNow, type FactsWork, type FactsWorks } from '../../app/pi/facts-work.ts';
import type { PiFacts } from '../../app/pi/facts.ts';
import { runInThread } from '../files/run-in-thread.ts';
import type { FactsOrder } from './facts-thread.ts';
import program from './facts-thread.ts?thread';

/** What an ordinary Pi sends is read within milliseconds here; a thread takes longer to begin. */
const lightBytes = 64 << 10;
/** The longest report that is accepted takes some seconds; a slow computer may need ten times as long. */
const timeoutMs = 60_000;
const maxHeapMb = 1024;

/** Works on what a Pi sent beside the thread that serves windows and boards, unless there is little of it. */
export const threadedWork: FactsWork = {
  do: async <Name extends keyof FactsWorks>(
    name: Name,
    input: Parameters<FactsWorks[Name]>[0],
    signal?: AbortSignal,
  ) => {
    if (bytesOf(input) <= lightBytes) return hereAndNow.do(name, input);
    const order: FactsOrder = { name, input };
    const refuse = (why: string): CanopusError =>
      new CanopusError('pi/bad-report', `what the Pi sent cannot be read: ${why}`);
    const reply = await runInThread(program, order, { timeoutMs, maxHeapMb, signal, refuse });
    return reply as ReturnType<FactsWorks[Name]>;
  },
};

function bytesOf(input: Parameters<FactsWorks[keyof FactsWorks]>[0]): number {
  // In base64, which is a third longer.
  return 'text' in input ? (input.text.length * 3) / 4 : factsBytes(input.facts);
}

const known = new WeakMap<PiFacts, number>();

function factsBytes(facts: PiFacts): number {
  const before = known.get(facts);
  if (before !== undefined) return before;
  const { files, journals, interfaces, usb, mounts, printers, unread, crontab } = facts;
  // About what a line of each is.
  const listed = 100 * (interfaces.length + usb.length + mounts.length + printers.length + unread.size);
  let bytes = listed + crontab.join().length;
  for (const file of files.values()) bytes += file.bytes.length + 200;
  for (const { text } of journals) bytes += text.length;
  known.set(facts, bytes);
  return bytes;
}
