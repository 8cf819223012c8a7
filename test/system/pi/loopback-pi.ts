import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AskMoonrakerKey } from '../../../app/pi/moonraker-key.ts';
import {
  MoonrakerStandIn,
  serveMoonraker,
  type MoonrakerState,
} from '../../../main/sim/pi/moonraker-stand-in.ts';
import { connectSsh, forward } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { ShellPiHost } from '../../../main/pi/shell-pi-host.ts';
import { CountedShell, Exchanges } from './exchanges.ts';
import { startOpenSshServer, type OpenSshServer } from '../openssh-server.ts';
import { accessTo } from './ssh-fixture.ts';

export interface LoopbackPiOptions {
  readonly flavour: 'ifupdown' | 'networkd' | 'networkmanager';
  /** Files to start with, by their path on the Pi; what is here replaces what a flavour has. */
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: readonly unknown[];
  /** What sudo asks for; null where it asks nothing. */
  readonly sudoPassword?: string | null;
  readonly hasSudo?: boolean;
  readonly moonraker?: Partial<MoonrakerState> | null;
  readonly klipperRuns?: boolean;
}

/**
 * A folder that is shaped like a Pi, behind a real OpenSSH server with a real shell. Files, hashes, renames and time
 * are real; the tools that would change this machine (`ip`, `systemctl`, `ifup`, `sudo`...) are stand-ins that note
 * how they were called. The real ones have their turn in the kernel tests.
 */
export interface LoopbackPi extends AsyncDisposable {
  readonly server: OpenSshServer;
  readonly root: string;
  readonly moonraker: MoonrakerStandIn;
  /** Of all hosts that `connect` answered. */
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

/** Notes the call; what only asks is answered from the files in `state`. */
function standIn(name: string, state: string): string {
  const answers: Readonly<Record<string, string>> = {
    ip: `case "$*" in
*"link show dev"*) cat ${state}/link-$6 2>/dev/null; exit ;;
*"link show"*) cat ${state}/links; exit ;;
esac`,
    systemctl: `case "$1" in
--version) echo 'systemd 252 (252.39-1~deb12u2)'; exit ;;
show) cat ${state}/units; exit ;;
enable|disable)
  for unit; do :; done
  sed -i "/^Id=$unit$/,/^$/ s/^UnitFileState=.*/UnitFileState=$1d/" ${state}/units
  case "$*" in *--now*)
    active=inactive; [ "$1" = enable ] && active=active
    sed -i "/^Id=$unit$/,/^$/ s/^ActiveState=.*/ActiveState=$active/" ${state}/units ;;
  esac ;;
esac`,
    id: `case "$1" in -u) echo 1000 ;; -un) echo pi ;; *) echo pi sudo ;; esac; exit`,
    modinfo: 'echo gs_usb.ko; exit',
    sudo: `[ "$1" = -n ] && { [ ! -f ${state}/password ]; exit; }
while [ $# -gt 0 ]; do
  case $1 in -k|-S) shift ;; -p) shift 2 ;; --) shift; break ;; *) break ;; esac
done
if [ -f ${state}/password ]; then
  IFS= read -r p
  [ "$p" = "$(cat ${state}/password)" ] || { echo 'Sorry, try again.' >&2; exit 1; }
fi
exec "$@"`,
  };
  return `#!/bin/sh\n${answers[name] ?? ''}\necho "${name} $*" >> ${state}/commands\n[ ! -f ${state}/fails-${name} ]\n`;
}

export async function startLoopbackPi(options: LoopbackPiOptions): Promise<LoopbackPi> {
  // The server's folder comes first: the Pi lies in it.
  const folders = { root: '' };
  const server = await startOpenSshServer({
    prepare: (folder) => {
      folders.root = join(folder, 'pi');
      return {
        HOME: join(folders.root, 'home/pi'),
        PATH: `${join(folders.root, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
        CANOPUS_ROOT: folders.root,
      };
    },
  });
  const { root } = folders;
  const at = (path: string) => join(root, path);
  const state = at('/state');
  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
  }
  const moonraker = new MoonrakerStandIn(options.moonraker ?? {});
  const served = options.moonraker === null ? null : await serveMoonraker(moonraker);

  const tools = ['ip', 'systemctl', 'id', 'modinfo', 'udevadm', 'networkctl', 'ifup', 'ifdown', 'ifquery'];
  if (options.flavour !== 'ifupdown') tools.splice(-3);
  if (options.hasSudo !== false) tools.push('sudo');
  for (const tool of tools) {
    await write(`/bin/${tool}`, standIn(tool, state));
    await chmod(at(`/bin/${tool}`), 0o755);
  }
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
    '/home/pi/printer_data/config/printer.cfg': printerCfg,
    '/home/pi/printer_data/config/mainsail.cfg': '[virtual_sdcard]\npath: ~/printer_data/gcodes\n',
    '/home/pi/printer_data/config/moonraker.conf': `[server]\nhost: 0.0.0.0\nport: ${served?.port ?? 1}\n`,
    ...(options.flavour === 'ifupdown'
      ? {
          '/etc/network/interfaces': 'source /etc/network/interfaces.d/*\n',
          '/etc/network/interfaces.d/.keep': '',
        }
      : { '/etc/systemd/network/.keep': '' }),
    ...options.files,
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  if (options.klipperRuns !== false) {
    const words = [
      '/home/pi/klippy-env/bin/python',
      '/home/pi/klipper/klippy/klippy.py',
      at('/home/pi/printer_data/config/printer.cfg'),
      '-a',
      at('/home/pi/printer_data/comms/klippy.sock'),
    ];
    await write('/proc/4711/cmdline', `${words.join('\0')}\0`);
    await write('/proc/4711/cgroup', '0::/system.slice/klipper.service\n');
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
    moonraker,
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
      return new ShellPiHost(new CountedShell(connection, exchanges), {
        connectTo: exchanges.over((host, target) => forward(connection, { host, port: target })),
        root,
        askMoonrakerKey: askKey,
      });
    },
    [Symbol.asyncDispose]: async () => {
      await served?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
