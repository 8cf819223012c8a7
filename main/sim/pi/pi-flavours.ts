export const piFlavours = ['ifupdown', 'networkd', 'networkmanager'] as const;

/** The network of a virtual Pi: Debian's ifupdown, systemd-networkd, or NetworkManager beside it. */
export type PiFlavour = (typeof piFlavours)[number];

export const home = '/home/pi';
export const configPath = `${home}/printer_data/config/printer.cfg`;

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

/** Files of a fresh system, as far as this station reads them. */
export function filesOf(flavour: PiFlavour): Readonly<Record<string, string>> {
  return {
    [configPath]: printerCfg,
    [`${home}/printer_data/config/mainsail.cfg`]:
      '[virtual_sdcard]\npath: ~/printer_data/gcodes\n\n[pause_resume]\n',
    [`${home}/printer_data/config/moonraker.conf`]: '[server]\nhost: 0.0.0.0\nport: 7125\n',
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
