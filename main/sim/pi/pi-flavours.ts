export const piFlavours = ['ifupdown', 'networkd', 'networkmanager'] as const;

/** The network of a virtual Pi: Debian's ifupdown, systemd-networkd, or NetworkManager beside it. */
export type PiFlavour = (typeof piFlavours)[number];

export const home = '/home/pi';

/** Where KIAUH keeps a printer of that name. */
export const dataPathOf = (printer: string): string => `${home}/${printer}_data`;
export const configPathOf = (printer: string): string => `${dataPathOf(printer)}/config/printer.cfg`;

/** `klipper-1.service` of `printer_1`. */
export const unitOfPrinter = (printer: string): string =>
  `${printer.replace(/^printer_?/, 'klipper-').replace(/-$/, '')}.service`;

/** The configuration of its only printer. */
export const configPath = configPathOf('printer');

/** A printer whose board was on USB serial until now; the board that it names is gone. */
const printerCfg = `# Voron 2.4, 350 mm
[include mainsail.cfg]

[mcu]
serial: /dev/serial/by-id/usb-Klipper_stm32f446xx_2B0041000851383238303934-if00
restart_method: command

[printer]
kinematics: corexy
max_velocity: 300
max_accel: 3000

[stepper_x]
step_pin: PF13
dir_pin: PF12
enable_pin: !PF14
rotation_distance: 40
microsteps: 32
endstop_pin: PG6
position_max: 350
homing_speed: 50

#*# <---------------------- SAVE_CONFIG ---------------------->
#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.
#*#
#*# [extruder]
#*# control = pid
`;

/** Files of a printer that was just installed. */
function printerFilesOf(printer: string, port: number): readonly (readonly [string, string])[] {
  const folder = `${dataPathOf(printer)}/config`;
  return [
    [configPathOf(printer), printerCfg],
    [`${folder}/mainsail.cfg`, `[virtual_sdcard]\npath: ~/${printer}_data/gcodes\n\n[pause_resume]\n`],
    [`${folder}/moonraker.conf`, `[server]\nhost: 0.0.0.0\nport: ${port}\n`],
  ];
}

/** The port of the first Moonraker; each further one has the next. */
export const firstPort = 7125;

/** Files of a fresh system, as far as this station reads them. */
export function filesOf(flavour: PiFlavour, printers: readonly string[]): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(printers.flatMap((name, index) => printerFilesOf(name, firstPort + index))),
    '/etc/udev/rules.d/99-com.rules': 'SUBSYSTEM=="gpio", GROUP="gpio", MODE="0660"\n',
    '/boot/firmware/config.txt': 'dtparam=audio=on\ncamera_auto_detect=1\n\n[all]\nenable_uart=1\n',
    ...(flavour === 'ifupdown'
      ? {
          '/etc/network/interfaces':
            '# Interfaces of this system; see interfaces(5).\nsource /etc/network/interfaces.d/*\n',
        }
      : {}),
  };
}

/** Folders that exist without files. */
export function foldersOf(flavour: PiFlavour): readonly string[] {
  const everywhere = ['/etc/systemd/system', '/etc/systemd/network'];
  return flavour === 'ifupdown' ? [...everywhere, '/etc/network/interfaces.d'] : everywhere;
}

/** `active` means running and enabled. */
export function unitsOf(flavour: PiFlavour): Readonly<Record<string, 'active' | 'off'>> {
  switch (flavour) {
    case 'ifupdown':
      return { 'networking.service': 'active' };
    case 'networkd':
      return { 'systemd-networkd.service': 'active', 'systemd-networkd-wait-online.service': 'active' };
    case 'networkmanager':
      return {
        'NetworkManager.service': 'active',
        'systemd-networkd.service': 'off',
        'systemd-networkd-wait-online.service': 'off',
      };
  }
}
