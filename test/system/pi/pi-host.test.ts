import { piHostSuite } from '../../conformance/pi-host.ts';
import { snapshot } from './change-fixture.ts';
import { canLink, startLoopbackPi } from './loopback-pi.ts';

for (const sshServer of ['OpenSSH', 'dropbear'] as const)
  piHostSuite(`a real shell behind ${sshServer}`, async ({ sudoPassword }) => {
    const pi = await startLoopbackPi({ flavour: 'ifupdown', sudoPassword, sshServer });
    const host = await pi.connect();
    return {
      host,
      at: (path) => pi.at(path),
      read: (path) => pi.read(path),
      write: (path, text) => pi.write(path, text),
      snapshot: () => snapshot(pi.root),
      setPrinting: (isPrinting) => {
        pi.moonraker.state = { ...pi.moonraker.state, print: isPrinting ? 'printing' : 'standby' };
      },
      setInterface: (isThere) => pi.setLinks(isThere ? [canLink({ up: false })] : []),
      [Symbol.asyncDispose]: async () => {
        await host[Symbol.asyncDispose]();
        await pi[Symbol.asyncDispose]();
      },
    };
  });
