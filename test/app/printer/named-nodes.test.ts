import { expect, it } from 'vitest';
import { namedNodesOn } from '../../../app/printer/named-nodes.ts';
import { bridgeUuid, piFacts, printerCfg } from '../../fixtures/pi-facts.ts';

it('names the nodes of one bus as printer.cfg does, without those that no node can be', () => {
  const config = [
    `[mcu]\ncanbus_uuid: ${bridgeUuid}`,
    '[mcu EBBCan]\ncanbus_uuid: 0E0D81E4210C',
    '[mcu other]\ncanbus_uuid: 333333333333\ncanbus_interface: can1',
    '[mcu empty]\ncanbus_uuid: <your uuid>',
    '[mcu usb]\nserial: /dev/ttyACM0',
  ].join('\n\n');
  const facts = piFacts({ files: { [printerCfg]: config } });
  expect(namedNodesOn(facts, 'can0')).toEqual([
    { name: 'mcu', canbusUuid: bridgeUuid },
    { name: 'mcu EBBCan', canbusUuid: '0e0d81e4210c' },
  ]);
  expect(namedNodesOn(facts, 'can1')).toEqual([{ name: 'mcu other', canbusUuid: '333333333333' }]);
  expect(namedNodesOn(facts, 'can2')).toEqual([]);
});
