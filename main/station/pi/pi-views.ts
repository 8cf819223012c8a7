import type { PiView } from '../../../app/contract/station-contract.ts';
import { toWireError } from '../../../app/contract/frames.ts';
import type { LinkStatus } from './pi-link.ts';
import type { PiRecord } from './pi-record.ts';

export const virtualPiId = 'virtual';

export const virtualPiView: PiView = {
  id: virtualPiId,
  name: 'Virtual Pi',
  host: 'virtual-pi',
  user: 'pi',
  port: null,
  keyFile: null,
  isVirtual: true,
  status: 'away',
  error: null,
};

/** A Pi as windows see it. */
export function viewOf({ id, name, host, user, port, keyFile }: PiRecord): PiView {
  return { id, name, host, user, port, keyFile, isVirtual: false, status: 'away', error: null };
}

export function withStatus(view: PiView, { status, error }: LinkStatus): PiView {
  return { ...view, status, error: error === null ? null : toWireError(error) };
}
