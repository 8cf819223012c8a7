import type { CanInterface, UsbDeviceOnPi } from '../../../app/pi/can-interface.ts';
import type {
  JournalFacts,
  PiFacts,
  PiFile,
  PrinterFacts,
  UnitFacts,
  UnreadFile,
} from '../../../app/pi/facts.ts';
import { plansFolder } from '../../../app/pi/step-scripts.ts';
import type { CanAdapter, CanLinkState } from './can-links.ts';
import { configPathOf, dataPathOf, firstPort, home, unitOfPrinter } from './pi-flavours.ts';
import { folderOf, type TreeFile } from './pi-tree.ts';
import type { VirtualPi } from './virtual-pi.ts';

const systemTools = ['ip', 'networkctl', 'udevadm', 'systemctl', 'sudo', 'python3', 'git'];
const ifupdownTools = ['ifup', 'ifdown', 'ifquery'];
const plannedFolders = [
  '/etc/network/interfaces.d',
  '/etc/systemd/network',
  '/etc/udev/rules.d',
  '/etc/systemd/system',
];

function printersOf({ klippers }: VirtualPi): PrinterFacts[] {
  return [...klippers].map(([name, klipper], index) => {
    const dataPath = dataPathOf(name);
    const unit = unitOfPrinter(name);
    return {
      name,
      pid: klipper.running ? 711 + 10 * index : null,
      configPath: configPathOf(name),
      dataPath,
      unit,
      apiSocket: null,
      moonraker: {
        pid: 712 + 10 * index,
        unit: unit.replace('klipper', 'moonraker'),
        configPath: `${dataPath}/config/moonraker.conf`,
        dataPath,
        host: '0.0.0.0',
        port: firstPort + index,
        klippySocket: `${dataPath}/comms/klippy.sock`,
      },
    };
  });
}

/** What a login can find out; nothing that only the simulation knows. */
export function factsOf(pi: VirtualPi): PiFacts {
  const { tree, links, klipper, systemd, flavour } = pi;
  const printers = printersOf(pi);
  const units = new Map<string, UnitFacts>();
  for (const [name, { active, enabled }] of systemd.units) {
    units.set(name, { name, exists: true, active, enabled: enabled ? 'enabled' : 'disabled' });
  }
  return {
    root: '',
    user: 'pi',
    userId: 1000,
    groups: ['pi', 'sudo', 'dialout'],
    home,
    hostName: 'virtual-pi',
    os: 'Debian GNU/Linux 12 (bookworm), simulated',
    osVersion: '12',
    model: 'Virtual Pi of Canopus',
    kernel: '6.6.51+rpt-rpi-v8',
    machine: 'aarch64',
    bootId: null,
    systemd: 252,
    tools: new Set(flavour === 'ifupdown' ? [...systemTools, ...ifupdownTools] : systemTools),
    units,
    gsUsb: links.all.length > 0 ? 'loaded' : 'available',
    interfaces: links.all.map(interfaceOf),
    usb: pi.adapters.map(usbDeviceOf),
    ...filesOf(pi),
    folders: new Set(plannedFolders.filter((folder) => tree.hasFolder(folder))),
    udev: new Map(),
    crontab: [],
    wordBits: 64,
    clockSkewSeconds: 0,
    mounts: [{ point: '/', type: 'ext4', options: ['rw', 'noatime'] }],
    room: [{ folder: '/', freeKiB: 8_000_000, freeInodes: 500_000 }],
    bootOptions: [],
    ipJson: true,
    gitTrees: [],
    absentScripts: new Set(),
    hostSoftware: 'klipper',
    printers,
    moonrakers: printers.flatMap(({ moonraker }) => moonraker ?? []),
    klipperTree: { path: `${home}/klipper`, commit: null, version: klipper.moonraker.state.softwareVersion },
    katapultTree: null,
    sudo: pi.sudoPassword === null ? 'free' : 'password',
    pythonCan: [`${home}/klippy-env/lib/python3.11/site-packages/can`],
    journals: journalsOf(pi),
  };
}

function usbDeviceOf({ busPort, serial }: CanAdapter): UsbDeviceOnPi {
  return { busPort, vendorId: 0x1d50, productId: 0x606f, serial, product: null, manufacturer: 'Klipper' };
}

export function interfaceOf(link: CanLinkState): CanInterface {
  const { name, index, up, bitrateBps, txQueueLength, adapter } = link;
  return {
    name,
    index,
    up,
    // Linux shows the bit timing only once it was set.
    bitrateBps,
    txQueueLength,
    state: up ? 'ERROR-ACTIVE' : 'STOPPED',
    txErrors: 0,
    rxErrors: 0,
    busOffCount: 0,
    rxFrames: 0,
    txFrames: 0,
    driver: 'gs_usb',
    usb: usbDeviceOf(adapter),
  };
}

/** Files that can configure a CAN interface, and all of Klipper's. */
function filesOf({ tree, klippers }: VirtualPi): Pick<PiFacts, 'files' | 'unread'> {
  const files = new Map<string, PiFile>();
  const unread = new Map<string, UnreadFile>();
  const isLookedAt = (path: string): boolean =>
    (path.startsWith('/etc/') ||
      path.startsWith('/boot/') ||
      [...klippers.keys()].some((name) => path.startsWith(`${dataPathOf(name)}/config/`))) &&
    !path.slice(path.lastIndexOf('/') + 1).startsWith('.');
  for (const path of tree.paths.filter(isLookedAt)) {
    const file = tree.get(path);
    if (file === null) continue;
    if (isHidden(file)) unread.set(path, { path, realPath: path, why: 'not-readable' });
    else files.set(path, fileOf(path, file));
  }
  return { files, unread };
}

/** Only root may read it. */
export function isHidden(file: TreeFile | null): boolean {
  return file !== null && file.owner === 'root' && (file.mode & 0o004) === 0;
}

export function fileOf(path: string, { bytes, mode, owner }: TreeFile): PiFile {
  return { path, realPath: path, bytes, mode, owner, group: owner, replaceable: owner === 'pi' };
}

function journalsOf({ tree }: VirtualPi): JournalFacts[] {
  const folder = `${home}/${plansFolder}/`;
  return tree.paths
    .filter((path) => path.startsWith(folder) && path.endsWith('/journal.json'))
    .map((path) => ({
      id: folderOf(path).slice(folder.length),
      state: tree.text(`${folderOf(path)}/state`) ?? '',
      text: tree.text(path) ?? '',
    }));
}
