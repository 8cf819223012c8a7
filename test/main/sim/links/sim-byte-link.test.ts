import { byteLinkConformance } from '../../../conformance/byte-link.ts';
import { katapultRig } from '../katapult/katapult-rig.ts';

byteLinkConformance('SimByteLink', async () => {
  const rig = katapultRig();
  return {
    link: await rig.open(),
    unplug: () => {
      rig.unplug();
      return Promise.resolve();
    },
  };
});
