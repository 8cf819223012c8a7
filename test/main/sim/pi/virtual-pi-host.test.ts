import { afterAll } from 'vitest';
import type { PiFlavour } from '../../../../main/sim/pi/pi-flavours.ts';
import { VirtualPiHost } from '../../../../main/sim/pi/virtual-pi-host.ts';
import { VirtualPi } from '../../../../main/sim/pi/virtual-pi.ts';
import { systemClock } from '../../../../main/system-clock.ts';
import { piHostSuite, type PiHostBench, type PiHostBenchOptions } from '../../../conformance/pi-host.ts';
import { adapter, readyConfig } from './virtual-pi-fixture.ts';

const pis: VirtualPi[] = [];
afterAll(() => {
  for (const pi of pis) pi.dispose();
});

function openVirtual(flavour: PiFlavour) {
  return ({ sudoPassword, isReady }: PiHostBenchOptions): Promise<PiHostBench> => {
    const pi = new VirtualPi({ clock: systemClock, flavour, klipperVersion: 'v0.13.0', sudoPassword });
    pis.push(pi);
    const { tree } = pi;
    if (isReady) readyConfig(pi);
    return Promise.resolve({
      host: new VirtualPiHost(pi),
      at: (path: string) => path,
      read: (path: string) => Promise.resolve(tree.text(path)),
      write: (path: string, text: string) => {
        tree.write(path, text);
        return Promise.resolve();
      },
      snapshot: () => {
        const paths = tree.paths.filter((path) => !path.includes('/.local/state/canopus/'));
        return Promise.resolve(new Map(paths.map((path) => [path, tree.text(path) ?? ''])));
      },
      setPrinting: (isPrinting: boolean) => pi.klipper.setPrinting(isPrinting),
      setInterface: (isThere: boolean) => {
        if (isThere) pi.plug(adapter());
        else pi.unplug(adapter().busPort);
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => {
        pi.dispose();
        return Promise.resolve();
      },
    });
  };
}

piHostSuite('a virtual Pi with ifupdown', openVirtual('ifupdown'));
piHostSuite('a virtual Pi with NetworkManager', openVirtual('networkmanager'));
