import type { PiView } from '../../../app/contract/station-contract.ts';

/** A Pi by its name and address, as one label. */
export function piWords(pi: Pick<PiView, 'name' | 'user' | 'host' | 'port'>): string {
  const target = targetOf(pi);
  return pi.name === target ? target : `${pi.name} (${target})`;
}

/** The address of a Pi, as a person writes it. */
export function targetOf({ user, host, port }: Pick<PiView, 'user' | 'host' | 'port'>): string {
  const named = host.includes(':') ? `[${host}]` : host;
  return `${user === null ? '' : `${user}@`}${named}${port === null ? '' : `:${port}`}`;
}
