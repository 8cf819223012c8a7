import { describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import { printersOfBoard, type BoardOnPi } from '../../../app/pi/printers-of-board.ts';
import type { PrinterAnswer } from '../../../app/pi/printer-status.ts';
import { AgentRefusal } from '../../../main/reach/pi/agent-client.ts';
import { holdKlipper } from '../../../main/station/pi/klipper-hold.ts';
import {
  bridgeUid,
  bridgeUuid,
  can0,
  piFacts,
  printerCfg,
  printerIs,
  ready,
  seenAs,
} from '../../fixtures/pi-facts.ts';

const signal = new AbortController().signal;
const board: BoardOnPi = { portPath: '1-1.3', uid: null, canbusUuid: null, tty: null };

const withConfig = (text: string, interfaces = [can0]) =>
  piFacts({ files: { [printerCfg]: text }, facts: { interfaces } });

describe('the printers that use a board', () => {
  it.each<[string, string, Partial<BoardOnPi>]>([
    [
      'its serial number',
      `[mcu]\nserial: /dev/serial/by-id/usb-Klipper_stm32f446xx_${bridgeUid}-if00\n`,
      { uid: bridgeUid },
    ],
    ['its tty', '[mcu]\nserial: /dev/ttyACM0\n', { tty: '/dev/ttyACM0' }],
    ['its port', '[mcu]\nserial: /dev/serial/by-path/platform-3f98.usb-usb-0:1.3:1.0\n', {}],
    ['its canbus_uuid', `[mcu]\ncanbus_uuid: ${bridgeUuid}\n`, { canbusUuid: bridgeUuid }],
    [
      'the bus that it bridges',
      '[mcu EBB]\ncanbus_uuid: 0d1445047cdd\n',
      { portPath: can0.usb?.busPort ?? '' },
    ],
  ])('are found by %s', (_, text, known) => {
    const facts = withConfig(text);
    expect(printersOfBoard(facts, { ...board, ...known }).map(({ name }) => name)).toEqual(['printer']);
    expect(printersOfBoard(facts, { ...board, portPath: '1-1.4', tty: '/dev/ttyACM7' })).toEqual([]);
  });

  it('are found for a board on a serial port by any link to it', () => {
    const facts = withConfig('[mcu]\nserial: /dev/serial0\n');
    const uart = { ...board, portPath: null };
    const namesAt = (links: readonly string[]): readonly string[] =>
      printersOfBoard(facts, { ...uart, links }).map(({ name }) => name);
    expect(namesAt(['/dev/serial0', '/dev/ttyAMA0'])).toEqual(['printer']);
    expect(namesAt(['/dev/ttyAMA1'])).toEqual([]);
  });

  it('are found for a node by its bus, whichever of its nodes is worked on', () => {
    const facts = withConfig('[mcu EBB]\ncanbus_uuid: 0d1445047cdd\n');
    const node = { ...board, portPath: null, canbusUuid: 'e7caf8297cd8' };
    const namesOn = (interfaceName: string): readonly string[] =>
      printersOfBoard(facts, { ...node, interfaceName }).map(({ name }) => name);
    expect(namesOn('can0')).toEqual(['printer']);
    expect(namesOn('can1')).toEqual([]);
  });
});

describe('a Klipper that uses a board', () => {
  const facts = withConfig('[mcu]\nserial: /dev/ttyACM0\n');
  const used = { ...board, tty: '/dev/ttyACM0' };

  function pi(answer: PrinterAnswer = ready, refuse: readonly string[] = []) {
    const done: string[] = [];
    const notes: string[] = [];
    const agent = {
      request: (verb: string, fields: Readonly<Record<string, unknown>> = {}) => {
        done.push(`${verb} ${String(fields['unit'] ?? fields['key'])}`);
        if (refuse.includes(verb))
          return Promise.reject(new AgentRefusal('systemctl', 'no', new Uint8Array(0)));
        return Promise.resolve({ header: {}, data: new Uint8Array(0) });
      },
    };
    const session = {
      label: 'pi@voron',
      look: () => Promise.resolve({ facts, printers: seenAs(facts, answer) }),
    };
    const hold = (asRoot = () => Promise.resolve(agent)) =>
      holdKlipper({ session, board: used, asRoot, note: (text) => notes.push(text), signal });
    return { done, notes, hold };
  }

  it('is stopped, with the order to start it again given first, and started when the work is over', async () => {
    const { done, hold } = pi();
    const held = await hold();
    expect(done).toEqual(['at-end.do klipper.service', 'unit.stop klipper.service']);
    await held[Symbol.asyncDispose]();
    expect(done.slice(2)).toEqual(['unit.start klipper.service', 'at-end.forget klipper.service']);
  });

  it.each(['printing', 'paused', 'moving'] as const)(
    'is not touched while a printer is %s',
    async (activity) => {
      const { done, hold } = pi(printerIs({ activity }));
      await expect(hold()).rejects.toMatchObject({ code: 'pi/printing', state: 'untouched' });
      expect(done).toEqual([]);
    },
  );

  it('is not touched if it cannot be asked whether it prints', async () => {
    const { done, hold } = pi({ kind: 'unreachable' });
    await expect(hold()).rejects.toMatchObject({ code: 'pi/print-state-unknown' });
    expect(done).toEqual([]);
  });

  it('that does not stop is started again, and the work is refused', async () => {
    const { done, hold } = pi(ready, ['unit.stop']);
    await expect(hold()).rejects.toMatchObject({ code: 'reach/klipper-not-stopped', state: 'untouched' });
    expect(done.slice(2)).toEqual(['unit.start klipper.service', 'at-end.forget klipper.service']);
  });

  it('stays the order of the agent on the Pi if it cannot be started from here', async () => {
    const { done, notes, hold } = pi(ready, ['unit.start']);
    await (await hold())[Symbol.asyncDispose]();
    expect(done).not.toContain('at-end.forget klipper.service');
    expect(notes.join(' ')).toContain('could not be started again from here');
    expect(notes.join(' ')).not.toContain('was started again');
  });

  it('is not stopped without the consent to be root', async () => {
    const { done, hold } = pi();
    const refused = () => Promise.reject(new CanopusError('reach/root-refused', 'no'));
    await expect(hold(refused)).rejects.toMatchObject({ code: 'reach/root-refused' });
    expect(done).toEqual([]);
  });
});
