import { CanopusError } from '../errors.ts';
import { describeInterface, skipped, type ProofContext, type ProofResult } from './proof.ts';
import { watchReturn } from './watch-interface.ts';

/** Resets the bridge and watches its interface disappear and come back as wished. */
export async function proveReturn(context: ProofContext): Promise<ProofResult> {
  const { host, options, timeoutMs } = context;
  const way = await resetWay(context);
  if (way === null) return skipped('no reset of the bridge was requested');
  const { before, after, awayMs } = await watchReturn(host, options.goal, {
    timeoutMs,
    clock: options.clock,
    signal: options.signal,
    reset: () => way.reset(),
  });
  const renewed = after.index === before.index ? '' : ` (interface ${before.index}, now ${after.index})`;
  const gone = awayMs === null ? '' : ` after ${(awayMs / 1000).toFixed(1)} s`;
  return { outcome: 'proven', seen: `${way.told}; ${describeInterface(after)} again${gone}${renewed}` };
}

/** How to reset the bridge; null if that is not wanted. */
async function resetWay({
  host,
  facts,
  options,
}: ProofContext): Promise<{ told: string; reset: () => Promise<void> } | null> {
  const { reset, goal, signal } = options;
  if (reset === 'none') return null;
  const usb = facts.interfaces.find(({ name }) => name === goal.interfaceName)?.usb ?? null;
  const printer = await host.printer(facts, signal);
  const klipper =
    printer.kind === 'status' && printer.status.source === 'moonraker' && printer.status.klippy === 'ready';
  if (reset === 'klipper' || (reset === 'auto' && klipper)) {
    const restart = {
      kind: 'klipper',
      reason: 'a reset of the bridge',
      via: 'moonraker',
      unit: null,
      asRoot: false,
    } as const;
    return { told: 'Klipper reset the bridge', reset: () => host.restartKlipper(restart) };
  }
  if (reset === 'person') {
    return { told: 'a person unplugged the bridge and plugged it in', reset: () => Promise.resolve() };
  }
  if (usb === null) {
    const message = `${goal.interfaceName} is not a USB device, so there is no bridge to reset`;
    throw new CanopusError('pi/interface-missing', message, { interfaceName: goal.interfaceName });
  }
  await host.unlockRoot(facts, options.askPassword);
  return {
    told: `the USB device ${usb.busPort} was removed and restored`,
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
