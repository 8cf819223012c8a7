import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import type { PiHost } from '../../../app/pi/pi-host.ts';
import { lookAtPrinter } from '../../../app/printer/printer-on-pi.ts';
import type { PiLink } from '../pi/pi-link.ts';

interface StopOptions {
  readonly link: Pick<PiLink, 'use'>;
  readonly printer: string;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

const never = new AbortController().signal;

/**
 * Stops the Klipper of a printer of the virtual Pi, which has no agent that would do it; starts it when disposed
 * of, also where an update that was cut off had left it stopped. Throws `pi/printing`, `pi/print-state-unknown`, `reach/klipper-not-stopped`.
 */
export async function stoppedKlipper({
  link,
  printer: name,
  note,
  signal,
}: StopOptions): Promise<AsyncDisposable> {
  const unit = await link.use(signal, async ({ host }, askPassword) => {
    const { facts, printer, busy } = await lookAtPrinter(host, name, signal);
    if (busy !== null)
      throw new CanopusError(busy.code, `${host.label}: ${busy.text}.`, {}, { state: 'untouched' });
    if (printer.unit === null) return null;
    await host.unlockRoot(facts, askPassword);
    if (printer.pid !== null) await systemctl(host, 'stop', printer.unit);
    return printer.unit;
  });
  if (unit === null) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  note(`${unit} is stopped.`);
  return {
    async [Symbol.asyncDispose]() {
      try {
        await link.use(never, async ({ host }, askPassword) => {
          // The connection may be another one than the one that stopped it.
          await host.unlockRoot(await host.look(), askPassword);
          await systemctl(host, 'start', unit);
        });
        note(`${unit} is started again.`);
      } catch (error) {
        note(`${unit} could not be started again from here: ${toCanopusError(error).message}`);
      }
    },
  };
}

async function systemctl(host: PiHost, what: 'stop' | 'start', unit: string): Promise<void> {
  const reason = `${what}s Klipper around the update`;
  const argv = ['systemctl', what, unit] as const;
  const { exitCode, output } = await host.command({
    kind: 'command',
    argv: [...argv],
    reason,
    asRoot: true,
    accepts: [0],
  });
  if (exitCode === 0) return;
  const message = `systemctl ${what} ${unit} on ${host.label} ended with ${exitCode}: ${output}`;
  throw new CanopusError('reach/klipper-not-stopped', message, { unit, exitCode });
}
