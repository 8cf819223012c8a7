import { CanBus } from '../../../../main/sim/can/can-bus.ts';
import { SimCanLink } from '../../../../main/sim/links/sim-can-link.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';
import { canLinkConformance } from '../../../conformance/can-link.ts';
import { virtualCanNode } from '../../../conformance/virtual-can-node.ts';

canLinkConformance('SimCanLink', () => {
  const clock = new VirtualClock();
  const bus = new CanBus({ clock, timeScale: 1 });
  const link = new SimCanLink(bus, { clock, label: 'can0', bitrateBps: 1_000_000 });
  return Promise.resolve({
    link,
    other: virtualCanNode(bus),
    unplug: () => {
      link.unplug();
      return Promise.resolve();
    },
    close: () => link.close(),
  });
});
