import { describe, expect, it } from 'vitest';
import { afterStart, sightAfter, type PortLook, type SightEvent } from '../../../app/rescue/sight.ts';

const dfu = (arrival: number): PortLook => ({ mode: 'dfu', arrival, hasTty: false });
const katapult = (arrival: number, hasTty = true): PortLook => ({ mode: 'katapult', arrival, hasTty });
const gone: SightEvent = { type: 'port', look: null };
const quiet: SightEvent = { type: 'quiet' };
const come = (look: PortLook): SightEvent => ({ type: 'port', look });

/** The message after each event, from the moment when a board in DFU was started. */
function said(...events: readonly SightEvent[]): (string | null)[] {
  let state = afterStart(dfu(1));
  return events.map((event) => {
    const step = sightAfter(state, event);
    state = step.state;
    return step.sight;
  });
}

describe('what is seen of a board that was started', () => {
  it('says nothing about the requested restart, nor about a board that comes back', () => {
    expect(said(gone, come(katapult(2)))).toEqual([null, null]);
  });

  it('says that it is in DFU again, each time anew', () => {
    expect(said(gone, come(dfu(2)), gone, come(dfu(3)))).toEqual([
      null,
      'dfu-again',
      'left-usb',
      'dfu-again',
    ]);
  });

  it('says that it left the bus unasked', () => {
    expect(said(gone, come(dfu(2)), gone)).toEqual([null, 'dfu-again', 'left-usb']);
    expect(said(gone, come(katapult(2)), gone)).toEqual([null, null, 'left-usb']);
  });

  it('says that nothing shows, once', () => {
    expect(said(gone, quiet, quiet)).toEqual([null, 'silent', null]);
  });

  it('says that nothing shows after the power went off, too', () => {
    expect(said(gone, come(dfu(2)), gone, quiet)).toEqual([null, 'dfu-again', 'left-usb', 'silent']);
  });

  it('says that something cannot be enumerated, once however often the system tries, and no silence after it', () => {
    const unreadable: SightEvent = { type: 'unreadable' };
    expect(said(gone, unreadable, unreadable, quiet)).toEqual([null, 'unreadable', null, null]);
  });

  it('does not call a board silent that waits in DFU for a hand', () => {
    expect(said(gone, come(dfu(2)), quiet)).toEqual([null, 'dfu-again', null]);
  });

  it('says that a serial port is missing', () => {
    expect(said(gone, come(katapult(2, false)), quiet, come(katapult(2)))).toEqual([
      null,
      null,
      'no-serial-port',
      null,
    ]);
  });
});
