import { AttachedDevice } from '../../../../main/sim/bus/attached-device.ts';
import { SimUsbLink } from '../../../../main/sim/links/sim-usb-link.ts';
import { Timeline } from '../../../../main/sim/time/timeline.ts';
import { usbLinkConformance } from '../../../conformance/usb-link.ts';
import { katapultRig } from '../katapult/katapult-rig.ts';
import { romRig } from '../rom-dfu/rom-rig.ts';

usbLinkConformance('SimUsbLink', {
  openDfu: () => {
    const { rom, clock, faults } = romRig();
    const device = new AttachedDevice({
      portPath: '1-1',
      mode: 'dfu',
      fn: rom,
      faults,
      bus: new Timeline(clock, 1),
      unplug: () => device.detach(),
    });
    return Promise.resolve({ link: new SimUsbLink(device, clock), unplug: () => detach(device) });
  },
  openKatapult: () => {
    const { device, clock } = katapultRig();
    return Promise.resolve({ link: new SimUsbLink(device, clock), unplug: () => detach(device) });
  },
});

function detach(device: AttachedDevice): Promise<void> {
  device.detach();
  return Promise.resolve();
}
