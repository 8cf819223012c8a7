import { chmod } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { pathsForRoot, withRootFiles } from '../../../app/pi/root-files.ts';
import { makeFactsFolder, type FactsFolder } from './facts-folder.ts';

let pi: FactsFolder;
afterEach(() => pi[Symbol.asyncDispose]());

const network = '[Match]\nName=can0\n\n[CAN]\nBitRate=500K\n';
const isRoot = process.getuid?.() === 0;
/** The facts script as a user who is not root, whom the system knows by no name. */
const asUser = ['/usr/bin/setpriv', '--reuid', '65533', '--regid', '65533', '--clear-groups', 'sh'];

describe.each([[['sh']], [['busybox', 'sh']]])('files that root reads, with %j', (shell) => {
  it('are those that were named, with what ifupdown sources, and no key of anything else', async () => {
    pi = await makeFactsFolder({
      '/etc/systemd/network/25-can.network': network,
      '/etc/systemd/network/wg0.netdev': '[WireGuard]\nPrivateKey=secret\n',
      '/etc/systemd/network/80-can.netdev': '[NetDev]\nName=can0\nKind=vcan\n',
      '/etc/network/interfaces': 'source own/*\niface wlan0 inet dhcp\n  wpa-psk x\n',
      '/etc/network/own/can': 'iface can0 can static\n  bitrate 1000000\n',
      '/etc/systemd/system/can.service':
        '[Service]\nExecStart=/sbin/ip link set can0 up type can bitrate 1\n',
      '/etc/shadow': 'root:secret\n',
    });
    await pi.link('/etc/systemd/network/10-can.network', pi.at('/etc/shadow'));
    const named = ['25-can.network', 'wg0.netdev', '80-can.netdev', '10-can.network'].map(
      (name) => `/etc/systemd/network/${name}`,
    );
    const paths = [...named, '/etc/network/interfaces', '/etc/systemd/system/can.service'].map((path) =>
      pi.at(path),
    );
    const { files, opened } = await pi.readAsRoot(paths, shell);
    const plain = (path: string): string => `/${path.slice(pi.at('/').length)}`;
    expect(files.map(({ path }) => plain(path)).toSorted()).toEqual([
      '/etc/network/interfaces',
      '/etc/network/own/can',
      '/etc/systemd/network/25-can.network',
      '/etc/systemd/network/80-can.netdev',
      '/etc/systemd/system/can.service',
    ]);
    expect(files.every(({ replaceable }) => !replaceable)).toBe(true);
    expect(new TextDecoder().decode(files[0]?.bytes)).toBe(network);
    // The link leads elsewhere, and stays hidden.
    expect(opened.has(pi.at('/etc/systemd/network/10-can.network'))).toBe(false);
    expect(opened.has(pi.at('/etc/systemd/network/wg0.netdev'))).toBe(true);
  });
});

describe.skipIf(!isRoot)('what a user may not read', () => {
  it('is named, a folder that hides its files too, and is there once root has looked', async () => {
    pi = await makeFactsFolder({
      '/etc/systemd/network/25-can.network': network,
      '/etc/network/interfaces': 'source interfaces.d/*\n',
      '/etc/udev/rules.d/10-can.rules': 'SUBSYSTEM=="net", KERNEL=="can0", ATTR{tx_queue_len}="128"\n',
    });
    for (const path of ['', '/etc', '/home', '/home/pi', '/tools']) await chmod(pi.at(path), 0o755);
    await chmod(pi.at('/etc/systemd/network/25-can.network'), 0o600);
    await chmod(pi.at('/etc/udev/rules.d'), 0o700);
    const facts = await pi.look({ shell: asUser });
    const hidden = ['/etc/systemd/network/25-can.network', '/etc/udev/rules.d'].map((path) => pi.at(path));
    expect(pathsForRoot(facts).toSorted()).toEqual(hidden);
    expect(facts.files.has(pi.at('/etc/network/interfaces'))).toBe(true);
    const whole = withRootFiles(facts, await pi.readAsRoot(hidden));
    expect(pathsForRoot(whole)).toEqual([]);
    // The same as for root, who sees all of it.
    const root = await pi.look();
    expect([...root.files.keys()]).toContain(pi.at('/etc/udev/rules.d/10-can.rules'));
    for (const [path, { bytes }] of root.files) expect(whole.files.get(path)?.bytes, path).toEqual(bytes);
  });
});
