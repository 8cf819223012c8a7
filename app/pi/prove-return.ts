import { CanopusError } from '../errors.ts';
import type { PrinterFacts } from './facts.ts';
import { answerOf, printingBlocker, type PrinterSeen } from './printers-seen.ts';
import { describeInterface, skipped, type ProofContext, type ProofResult } from './proof.ts';
import { watchReturn } from './watch-interface.ts';

/** Resets the bridge and watches its interface disappear and come back as wished. */
export async function proveReturn(context: ProofContext): Promise<ProofResult> {
  const { host, options, timeoutMs } = context;
  const seen = await host.printers(context.facts, options.signal);
  const busy = printingBlocker(seen, options);
  if (busy !== null) return skipped(`${busy.text}, so the bridge is not reset`);
  const way = await resetWay(context, seen);
  if (way === null) return skipped('no reset of the bridge was requested');
  const { before, after, awayMs } = await watchReturn(host, options.goal, {
    timeoutMs,
    clock: options.clock,
    signal: options.signal,
    reset: () => way.reset(),
  });
  await restartOthers(context, seen, way.printer);
  const renewed = after.index === before.index ? '' : ` (interface ${before.index}, now ${after.index})`;
  const gone = awayMs === null ? '' : ` after ${(awayMs / 1000).toFixed(1)} s`;
  return { outcome: 'proven', seen: `${way.told}; ${describeInterface(after)} again${gone}${renewed}` };
}

/** How to reset the bridge; null if that is not wanted. */
async function resetWay(
  { host, facts, printers, options }: ProofContext,
  seen: readonly PrinterSeen[],
): Promise<{ told: string; printer: PrinterFacts | null; reset: () => Promise<void> } | null> {
  const { reset, goal } = options;
  if (reset === 'none') return null;
  const usb = facts.interfaces.find(({ name }) => name === goal.interfaceName)?.usb ?? null;
  const ready = printers.find((each) => isReady(seen, each));
  const printer = ready ?? (reset === 'klipper' ? printers[0] : undefined);
  if (printer !== undefined && (reset === 'klipper' || reset === 'auto')) {
    return { told: 'Klipper reset the bridge', printer, reset: () => host.restartKlipper(restart, printer) };
  }
  if (reset === 'person') {
    const told = 'a person unplugged the bridge and plugged it in';
    return { told, printer: null, reset: () => Promise.resolve() };
  }
  if (usb === null) {
    const message = `${goal.interfaceName} is not a USB device, so there is no bridge to reset`;
    throw new CanopusError('pi/interface-missing', message, { interfaceName: goal.interfaceName });
  }
  await host.unlockRoot(facts, options.askPassword);
  return {
    told: `the USB device ${usb.busPort} was removed and restored`,
    printer: null,
    reset: async () => {
      // The kernel's own way to unplug a device without touching it (Documentation/usb/authorization.rst).
      const path = `${facts.root}/sys/bus/usb/devices/${usb.busPort}/authorized`;
      const argv = ['sh', '-c', 'echo 0 > "$1"; sleep 1; echo 1 > "$1"', 'sh', path] as const;
      const { exitCode, output } = await host.command({
        kind: 'command',
        argv,
        reason: 'a reset of the bridge',
        asRoot: true,
        accepts: [0],
      });
      if (exitCode === 0) return;
      throw new CanopusError('pi/command-failed', `${path} could not be written: ${output}`, {
        path,
        exitCode,
      });
    },
  };
}

const restart = {
  kind: 'klipper',
  reason: 'a reset of the bridge',
  via: 'moonraker',
  unit: null,
  asRoot: false,
} as const;

function isReady(seen: readonly PrinterSeen[], printer: PrinterFacts): boolean {
  const answer = answerOf(seen, printer);
  return answer.kind === 'status' && answer.status.source === 'moonraker' && answer.status.klippy === 'ready';
}

/** A Klipper that lost its bus to the reset stays shut down; one that was ready before is restarted. */
async function restartOthers(
  { host, facts, options }: ProofContext,
  seen: readonly PrinterSeen[],
  done: PrinterFacts | null,
): Promise<void> {
  const { interfaceName } = options.goal;
  for (const printer of await host.work.do('printersOn', { facts, interfaceName }, options.signal)) {
    if (printer.configPath === done?.configPath || !isReady(seen, printer)) continue;
    await host.restartKlipper(restart, printer);
  }
}
