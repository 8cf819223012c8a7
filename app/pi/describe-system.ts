import type { FactsSummary } from './summary.ts';

/** `aarch64`, and what is unusual about it. */
export function describeMachine({ machine, wordBits }: FactsSummary['system']): string {
  if (machine === null) return '';
  const is64 = /64/.test(machine);
  return is64 && wordBits === 32 ? `${machine}, with a system of 32 bits` : machine;
}

/** `printer_1, stopped, klipper-1.service, Moonraker on port 7125`. */
export function describePrinter({
  name,
  pid,
  unit,
  moonraker,
}: FactsSummary['klipper']['printers'][number]): string {
  const parts = [
    name,
    pid === null ? 'stopped' : 'running',
    unit,
    moonraker && `Moonraker on port ${moonraker.port}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}
