import type { PiView } from '../../../app/contract/station-contract.ts';

/** The address of a Pi, as a person writes it. */
export function targetOf({ user, host, port }: Pick<PiView, 'user' | 'host' | 'port'>): string {
  const named = host.includes(':') ? `[${host}]` : host;
  return `${user === null ? '' : `${user}@`}${named}${port === null ? '' : `:${port}`}`;
}
