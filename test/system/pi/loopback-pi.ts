import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AskMoonrakerKey } from '../../../app/pi/moonraker-key.ts';
import { shellScript } from '../../../app/transport/shell-script.ts';
import { MoonrakerStandIn, type MoonrakerState } from '../../../main/sim/pi/moonraker-stand-in.ts';
import { serveMoonraker } from './serve-moonraker.ts';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { ShellPiHost } from '../../../main/pi/shell-pi-host.ts';
import { CountedShell, Exchanges } from './exchanges.ts';
import type { SshServer } from '../openssh-server.ts';
import { essentials, linkPrograms } from '../link-programs.ts';
import id from './programs/id.sh?raw';
import ip from './programs/ip.sh?raw';
import modinfo from './programs/modinfo.sh?raw';
import note from './programs/note.sh?raw';
import sudo from './programs/sudo.sh?raw';
import systemctl from './programs/systemctl.sh?raw';
import { accessTo, sshServers } from './ssh-fixture.ts';

export interface LoopbackPiOptions {
  readonly flavour: 'ifupdown' | 'networkd' | 'networkmanager';
  /** Files to start with, by their path on the Pi; what is here replaces what a flavour has. */
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: readonly unknown[];
  /** What sudo asks for; null if it asks nothing. */
  readonly sudoPassword?: string | null;
  readonly hasSudo?: boolean;
  readonly moonraker?: Partial<MoonrakerState> | null;
  readonly klipperRuns?: boolean;
  /** Printers besides the first one, each with its own Klipper and Moonraker, as KIAUH names them. */
  readonly others?: Readonly<Record<string, OtherPrinter>>;
  /** OpenSSH where not given. */
  readonly sshServer?: keyof typeof sshServers;
  /** The login shell; bash where not given. */
  readonly shell?: string;
}

interface OtherPrinter {
  readonly config?: string;
  readonly moonraker?: Partial<MoonrakerState> | null;
  readonly klipperRuns?: boolean;
}

/**
 * A folder that is shaped like a Pi, behind a real SSH server with a real shell. Files, hashes, renames and time
 * are real; the tools that would change this machine (`ip`, `systemctl`, `ifup`, `sudo`...) are stand-ins that note
 * how they were called. The real ones have their turn in the kernel tests.
 */
export interface LoopbackPi extends AsyncDisposable {
  readonly server: SshServer;
  readonly root: string;
  readonly moonraker: MoonrakerStandIn;
  /** By the printer's name; the first one is `printer`. */
  readonly moonrakers: ReadonlyMap<string, MoonrakerStandIn>;
  /** Of all hosts that `connect` returned. */
  readonly exchanges: Exchanges;
  connect(options?: { port?: number; askKey?: AskMoonrakerKey }): Promise<ShellPiHost>;
  /** A path of the Pi as a path of this machine. */
  at(path: string): string;
  read(path: string): Promise<string | null>;
  write(path: string, text: string): Promise<void>;
  setLinks(links: readonly unknown[]): Promise<void>;
  /** Calls of the stand-ins that change something, such as `ifdown --force can0`. */
  commands(): Promise<string[]>;
}

/** `ip -j` for a can0 on a Klipper bridge; the shape is that of iproute2. */
export function canLink(changes: {
  name?: string;
  up?: boolean;
  bitrate?: number;
  queue?: number;
  state?: string;
}): unknown {
  const { name = 'can0', up = true, bitrate = 1_000_000, queue = 128, state = 'ERROR-ACTIVE' } = changes;
  return {
    ifindex: 5,
    ifname: name,
    flags: up ? ['NOARP', 'UP', 'LOWER_UP', 'ECHO'] : ['NOARP', 'ECHO'],
    txqlen: queue,
    link_type: 'can',
    linkinfo: {
      info_kind: 'can',
      info_data: {
        state: up ? state : 'STOPPED',
        berr_counter: { tx: 0, rx: 0 },
        restart_ms: 0,
        ...(up ? { bittiming: { bitrate, sample_point: '0.750' } } : {}),
      },
      info_xstats: { restarts: 0, bus_error: 0, bus_off: 0 },
    },
    stats64: { rx: { packets: 10 }, tx: { packets: 20 } },
  };
}

const printerCfg = `[include mainsail.cfg]

[mcu]
serial: /dev/serial/by-id/usb-Klipper_stm32f446xx_430014000A50534E4E313120-if00

[printer]
kinematics: corexy
`;

const units: Readonly<Record<LoopbackPiOptions['flavour'], Readonly<Record<string, string>>>> = {
  ifupdown: { 'networking.service': 'active enabled' },
  networkd: {
    'systemd-networkd.service': 'active enabled',
    'systemd-networkd-wait-online.service': 'active enabled',
  },
  networkmanager: {
    'NetworkManager.service': 'active enabled',
    'systemd-networkd.service': 'inactive disabled',
    'systemd-networkd-wait-online.service': 'inactive disabled',
  },
};

/** The tools of a Pi that this machine may lack or must not run; those without a file of their own note the call. */
const standIns: Readonly<Record<string, string>> = {
  ...{ ip, systemctl, id, modinfo, sudo },
  ...{ udevadm: note, networkctl: note, ifup: note, ifdown: note, ifquery: note },
};

export async function startLoopbackPi(options: LoopbackPiOptions): Promise<LoopbackPi> {
  // The server's folder comes first: the Pi lies in it.
  const folders = { root: '' };
  const server = await sshServers[options.sshServer ?? 'OpenSSH']({
    shell: options.shell ?? '/bin/bash',
    prepare: (folder) => {
      folders.root = join(folder, 'pi');
      return {
        HOME: join(folders.root, 'home/pi'),
        PATH: join(folders.root, 'bin'),
        CANOPUS_ROOT: folders.root,
        CANOPUS_STATE: join(folders.root, 'state'),
      };
    },
  });
  const { root } = folders;
  const at = (path: string) => join(root, path);
  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
  }
  const printers: Readonly<Record<string, OtherPrinter>> = {
    printer: {
      config: printerCfg,
      moonraker: options.moonraker ?? (options.moonraker === null ? null : {}),
      klipperRuns: options.klipperRuns ?? true,
    },
    ...options.others,
  };
  const served: AsyncDisposable[] = [];
  const moonrakers = new Map<string, MoonrakerStandIn>();
  const ports = new Map<string, number>();
  for (const [name, { moonraker: state }] of Object.entries(printers)) {
    const standIn = new MoonrakerStandIn(state ?? {});
    moonrakers.set(name, standIn);
    if (state === null) continue;
    const one = await serveMoonraker(standIn);
    served.push(one);
    ports.set(name, one.port);
  }

  const absent = [
    ...(options.flavour === 'ifupdown' ? [] : ['ifup', 'ifdown', 'ifquery']),
    ...(options.hasSudo === false ? ['sudo'] : []),
  ];
  for (const [name, text] of Object.entries(standIns)) {
    if (absent.includes(name)) continue;
    await write(`/bin/${name}`, `#!/bin/sh\n${shellScript(text, { 'note.sh': note })}`);
    await chmod(at(`/bin/${name}`), 0o755);
  }
  await linkPrograms(essentials, at('/bin'));
  const shown = Object.entries(units[options.flavour]).map(([name, told]) => {
    const [active = '', enabled = ''] = told.split(' ');
    return `Id=${name}\nLoadState=loaded\nActiveState=${active}\nUnitFileState=${enabled}\n`;
  });
  await write('/state/units', shown.join('\n'));
  await write('/state/commands', '');
  if (typeof options.sudoPassword === 'string') await write('/state/password', `${options.sudoPassword}\n`);

  const files: Record<string, string> = {
    '/etc/os-release': 'PRETTY_NAME="Raspbian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\n',
    '/proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0',
    '/proc/sys/kernel/random/boot_id': '11111111-2222-3333-4444-555555555555\n',
    '/etc/udev/rules.d/99-com.rules': 'SUBSYSTEM=="gpio", GROUP="gpio"\n',
    '/etc/systemd/system/.keep': '',
    ...Object.fromEntries(
      Object.entries(printers).flatMap(([name, { config }]): [string, string][] => {
        const folder = `/home/pi/${name}_data/config`;
        return [
          [`${folder}/printer.cfg`, config ?? printerCfg],
          [`${folder}/mainsail.cfg`, `[virtual_sdcard]\npath: ~/${name}_data/gcodes\n`],
          [`${folder}/moonraker.conf`, `[server]\nhost: 0.0.0.0\nport: ${ports.get(name) ?? 1}\n`],
        ];
      }),
    ),
    ...(options.flavour === 'ifupdown'
      ? {
          '/etc/network/interfaces': 'source /etc/network/interfaces.d/*\n',
          '/etc/network/interfaces.d/.keep': '',
        }
      : { '/etc/systemd/network/.keep': '' }),
    ...options.files,
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  for (const [index, [name, { klipperRuns }]] of Object.entries(printers).entries()) {
    const data = `/home/pi/${name}_data`;
    const words = [
      '/home/pi/klippy-env/bin/python',
      '/home/pi/klipper/klippy/klippy.py',
      at(`${data}/config/printer.cfg`),
      '-a',
      at(`${data}/comms/klippy.sock`),
    ];
    const unit = `${name.replace('printer', 'klipper').replace('_', '-')}.service`;
    if (klipperRuns !== false) {
      await write(`/proc/${4711 + index}/cmdline`, `${words.join('\0')}\0`);
      await write(`/proc/${4711 + index}/cgroup`, `0::/system.slice/${unit}\n`);
    } else if (name !== 'printer') {
      // It was stopped for flashing: its unit says where it is.
      await write(`/etc/systemd/system/${unit}`, `[Service]\nExecStart=${words.join(' ')}\n`);
    }
    if (options.others === undefined || !ports.has(name)) continue;
    const program = ['/home/pi/moonraker-env/bin/python', '/home/pi/moonraker/moonraker/moonraker.py'];
    await write(`/proc/${5711 + index}/cmdline`, `${[...program, '-d', at(data)].join('\0')}\0`);
    await write(`/proc/${5711 + index}/cgroup`, `0::/system.slice/${unit.replace('klipper', 'moonraker')}\n`);
  }

  async function setLinks(links: readonly unknown[]): Promise<void> {
    await write('/state/links', JSON.stringify(links));
    for (const name of ['can0', 'can1']) await rm(at(`/state/link-${name}`), { force: true });
    for (const link of links) {
      const { ifname } = link as { ifname: string };
      await write(`/state/link-${ifname}`, JSON.stringify([link]));
    }
  }
  await setLinks(options.links ?? []);
  const exchanges = new Exchanges();

  return {
    exchanges,
    server,
    root,
    moonraker: moonrakers.get('printer') ?? new MoonrakerStandIn(),
    moonrakers,
    at,
    write,
    setLinks,
    read: (path) => readFile(at(path), 'utf8').catch(() => null),
    commands: async () =>
      (await readFile(at('/state/commands'), 'utf8')).split('\n').filter((line) => line !== ''),
    connect: async ({ port, askKey } = {}) => {
      const access = await accessTo(server, { ownKnownHostsFile: join(server.folder, 'own') });
      const destination = { ...(await resolveDestination(server, access)), port: port ?? server.port };
      // A proxy in between has another port, and so would be another host.
      const connection = await connectSsh(
        destination,
        port === undefined
          ? access
          : { ...access, questions: { ...access.questions, trustHostKey: () => Promise.resolve(true) } },
      );
      const shell = new CountedShell(connection, exchanges);
      return new ShellPiHost(shell, {
        connectTo: exchanges.over((host, target) => shell.connectTo(host, target)),
        root,
        askMoonrakerKey: askKey,
      });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(served.map((each) => each[Symbol.asyncDispose]()));
      await server[Symbol.asyncDispose]();
    },
  };
}
