import { describe, expect, it } from 'vitest';
import { checkNodes } from '../../../app/pi/check-nodes.ts';
import { defaultWishes } from '../../../app/pi/plan-types.ts';
import type { McuVersion, PrinterAnswer } from '../../../app/pi/printer-status.ts';
import { bridgeUuid, examinedAs, piFacts, printerCfg, printerIs, ready } from '../../fixtures/pi-facts.ts';

const toolhead = '0e0d81e4210c';
const config = `[mcu]\ncanbus_uuid: ${bridgeUuid}\n\n[mcu EBBCan]\ncanbus_uuid: ${toolhead}\n[mcu other]\ncanbus_uuid: 333333333333\ncanbus_interface: can1\n`;

const mcu = (section: string): McuVersion => ({ section, version: 'v1', canbusFrequencyBps: null });

function nodes(answer: PrinterAnswer, mcus: readonly McuVersion[] = [], text = config) {
  const facts = piFacts({ files: { [printerCfg]: text } });
  return checkNodes({ facts, printers: examinedAs(facts, answer, mcus), wishes: defaultWishes });
}

describe('the boards on a bus', () => {
  it('are named while Klipper runs, each with its uuid and version, without a query', () => {
    expect(nodes(ready, [mcu('mcu'), mcu('mcu EBBCan')])).toMatchObject({
      verdict: 'fine',
      answer: `Klipper talks to [mcu] ${bridgeUuid} (v1), [mcu EBBCan] ${toolhead} (v1).`,
    });
    expect(nodes(ready, [mcu('mcu')])).toMatchObject({
      verdict: 'look',
      answer: `Klipper talks to [mcu] ${bridgeUuid} (v1). Klipper does not talk to [mcu EBBCan] ${toolhead}.`,
    });
  });

  it.each(["mcu 'EBBCan': Unable to connect", "Lost communication with MCU 'EBBCan'\nOnce the issue"])(
    'that Klipper lost are named by its message: %s',
    (message) => {
      expect(nodes(printerIs({ klippy: 'shutdown', message }))).toMatchObject({
        verdict: 'wrong',
        answer: expect.stringContaining(`does not reach [mcu EBBCan] ${toolhead}`) as string,
      });
    },
  );

  it('are what printer.cfg names where Klipper does not say', () => {
    for (const answer of [{ kind: 'not-running' }, printerIs({ klippy: 'startup' })] as const) {
      expect(nodes(answer)).toMatchObject({
        verdict: 'unknown',
        answer: expect.stringContaining(`[mcu] ${bridgeUuid}, [mcu EBBCan] ${toolhead}`) as string,
      });
    }
    expect(nodes(ready, [], '[mcu]\nserial: /dev/ttyACM0\n')).toMatchObject({ verdict: 'unknown' });
  });
});
