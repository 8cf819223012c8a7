import { openGsUsb } from '../../../../app/protocols/gs-usb/open-gs-usb.ts';
import { canLinkConformance } from '../../../conformance/can-link.ts';
import { virtualCanNode } from '../../../conformance/virtual-can-node.ts';
import { bench, board, untilRunning, withBridge } from '../bench-rig.ts';

canLinkConformance('gs_usb over SimUsbLink', async () => {
  const { bench: virtual, devices, clock } = bench(board({ flash: withBridge }));
  await untilRunning(virtual, 'a', 'can-bridge');
  const bridge = virtual.board('a');
  const usb = await devices.openUsb('1-1');
  const link = await openGsUsb(usb, { clock });
  return {
    link,
    other: virtualCanNode(bridge.canBus),
    unplug: () => {
      bridge.unplug();
      return Promise.resolve();
    },
    close: async () => {
      await link.close();
      await usb.close();
    },
  };
});
