import type { ErrorRows } from './error-row.ts';

/** A Pi: checking, planning, applying, proving, undoing. */
export const piErrors = {
  'pi/bad-report': {
    title: 'The reply of the Pi cannot be read',
    next: { window: 'Try again. If it happens again, report it with the log.' },
    exit: 'failed',
  },
  'pi/not-a-pi': {
    title: 'This computer is not set up for CAN',
    next: {
      window: 'Log in to the computer that runs Klipper. It needs Linux with systemd and the "ip" command.',
    },
    exit: 'refused',
  },
  'pi/printing': {
    title: 'The printer is printing',
    next: { window: 'Wait until the print is over, or cancel it. Then try again.' },
    exit: 'refused',
  },
  'pi/print-state-unknown': {
    title: 'The printer may be printing',
    next: {
      window: 'Look at the printer. If it is idle, choose "I have checked that the printer is idle".',
      terminal:
        'Look at the printer. If it is idle, repeat the command with --idle; where the Pi has several printers, with --idle and its name.',
    },
    exit: 'refused',
  },
  'pi/no-network-stack': {
    title: 'Nothing on this Pi can bring a CAN interface up',
    next: { window: 'Install ifupdown on the Pi, or use a system with systemd-networkd.' },
    exit: 'refused',
  },
  'pi/no-printer-config': {
    title: 'No printer.cfg was found',
    next: {
      window:
        'Start Klipper on the Pi once, then make a plan again. Without boards in the plan, printer.cfg is not changed.',
      terminal: 'Start Klipper on the Pi once, or name the file with --config.',
    },
    exit: 'refused',
  },
  'pi/several-printers': {
    title: 'This Pi has several printers',
    next: {
      window: 'Choose the printer that the boards belong to, then make a plan again.',
      terminal: 'Name the printer with --printer, or its printer.cfg with --config.',
    },
    exit: 'refused',
  },
  'pi/printer-unknown': {
    title: 'This Pi has no such printer',
    next: {
      window: 'Choose one of the printers of this Pi.',
      terminal: 'Name one of the listed printers with --printer.',
    },
    exit: 'refused',
  },
  'pi/ip-too-old': {
    title: 'The command "ip" of this system is too old',
    next: { window: 'Install iproute2 of 2017 or later, or a newer system, on the Pi.' },
    exit: 'refused',
  },
  'pi/not-kept': {
    title: 'This system forgets changes at the next boot',
    next: {
      window: 'Switch the overlay file system off on the Pi, reboot it, then make a plan again.',
      terminal:
        'Switch the overlay file system off ("sudo raspi-config", Performance), reboot, then plan again.',
    },
    exit: 'refused',
  },
  'pi/config-unread': {
    title: 'A part of printer.cfg cannot be read',
    next: { window: 'Correct the line that is named, then make a plan again.' },
    exit: 'refused',
  },
  'pi/file-unreadable': {
    title: 'A file that has to be changed cannot be read',
    next: {
      window:
        'Make the plan again and enter the password for sudo when it is asked for, or let the user who logs in read that file.',
      terminal: 'Repeat the command with the password for sudo, or let the user who logs in read that file.',
    },
    exit: 'refused',
  },
  'pi/name-taken': {
    title: 'Another board has this interface name',
    next: {
      window: 'Choose another name for the interface, then make a plan again.',
      terminal: 'Repeat the command with another name after --interface.',
    },
    exit: 'refused',
  },
  'pi/other-interface': {
    title: 'This board is another CAN interface',
    next: {
      window: 'Choose the interface that is named, or give the board a fixed name, then make a plan again.',
      terminal:
        'Repeat the command with the --interface that is named, or give the board a name with --pin and --interface.',
    },
    exit: 'refused',
  },
  'pi/rate-compiled-in': {
    title: 'The bit rate of a bridge is compiled in',
    next: {
      window:
        'Build the bridge and every board behind it for the wished rate and flash them: the rate is a setting of the build.',
      terminal: 'Build the bridge and every board behind it with "canopus build --bitrate" and flash them.',
    },
    cases: [
      {
        when: { preset: true, wished: true },
        window:
          'Build the bridge and every board behind it for {wished} bit/s and flash them: the rate is a setting of the build.',
        terminal:
          '"canopus flash --preset {preset} --katapult build --klipper build:pi:USER@HOST --bitrate {wished}" builds and flashes the bridge; every board behind it needs the same rate.',
      },
    ],
    exit: 'refused',
  },
  'pi/nothing-to-restore': {
    title: 'This interface was not changed by hand',
    next: { window: 'Nothing is left to do: a boot or a re-plug has set it as it is configured.' },
    exit: 'refused',
  },
  'pi/sudo-missing': {
    title: 'This user may not become root',
    next: { window: 'Log in as a user who may use sudo, or add this one to the group sudo on the Pi.' },
    exit: 'refused',
  },
  'pi/sudo-password-needed': {
    title: 'sudo asks for a password',
    next: {
      window: 'Try again and enter the password of the user who logs in.',
      terminal: 'Repeat the command and enter the password of the user who logs in.',
    },
    exit: 'failed',
  },
  'pi/sudo-refused': {
    title: 'sudo refused',
    next: { window: 'Check the password: it is that of the user who logs in, not of root.' },
    exit: 'failed',
  },
  'pi/unfinished': {
    title: 'An earlier change of this Pi was not finished',
    next: {
      window: 'Choose "Finish it" or "Undo it".',
      terminal: '"canopus pi apply --resume" finishes it, "canopus pi undo" undoes it.',
    },
    exit: 'refused',
  },
  'pi/changed-since-plan': {
    title: 'A file changed after the plan was made',
    next: { window: 'Make a plan again and review it.' },
    exit: 'refused',
  },
  'pi/edited-since': {
    title: 'A file was edited after the change',
    next: {
      window: 'Look at the difference. Revert the edit by hand, or choose "Undo and lose the later edit".',
      terminal:
        'Look at the difference. Revert the edit by hand, or repeat the command with --force, which loses the later edit.',
    },
    exit: 'refused',
  },
  'pi/no-journal': {
    title: 'There is no such change',
    next: {
      window: 'Look at the changes of this Pi again: only the user who made a change can undo it.',
      terminal:
        'Only the user who made a change can undo it: its journal is in ~/.local/state/canopus/plans on the Pi.',
    },
    exit: 'refused',
  },
  'pi/disk-full': {
    title: 'The disk of the Pi is full',
    next: { window: 'Free some space on the Pi (old G-code files, logs), then try again.' },
    exit: 'failed',
  },
  'pi/read-only': {
    title: 'The files of the Pi cannot be written',
    next: {
      window:
        'A worn SD card turns read-only: replace it. If the Pi uses an overlay file system, switch it off first.',
      terminal:
        'A worn SD card turns read-only: "dmesg" on the Pi shows it. An overlay file system is switched off in raspi-config.',
    },
    exit: 'failed',
  },
  'pi/step-failed': {
    title: 'A step on the Pi failed',
    next: {
      window: 'Undo the change, then try again.',
      terminal: 'Undo the change with "canopus pi undo", then try again.',
    },
    exit: 'failed',
  },
  'pi/command-failed': {
    title: 'A command on the Pi failed',
    next: { window: 'Read what the command said and correct it on the Pi, then try again.' },
    exit: 'failed',
  },
  'pi/klipper-not-restarted': {
    title: 'Klipper was not restarted',
    next: {
      window: 'Restart Klipper in Mainsail or Fluidd.',
      terminal: 'Restart it in Mainsail or Fluidd, or with "sudo systemctl restart klipper" on the Pi.',
    },
    exit: 'failed',
  },
  'pi/interface-missing': {
    title: 'The CAN interface is missing',
    next: {
      window:
        'Plug the board into the Pi; it must run Klipper as a USB-to-CAN bridge. "Doctor" shows what the Pi sees.',
      terminal:
        'Plug the board into the Pi; it must run Klipper as a USB-to-CAN bridge. "canopus pi doctor" shows what the Pi sees.',
    },
    exit: 'failed',
  },
  'pi/interface-down': {
    title: 'The CAN interface is there but down',
    next: {
      window: 'Unplug the board and plug it in again. "Doctor" looks for the cause.',
      terminal: 'Unplug the board and plug it in again. "canopus pi doctor" looks for the cause.',
    },
    exit: 'failed',
  },
  'pi/interface-wrong': {
    title: 'The CAN interface is up with other settings',
    next: {
      window: '"Doctor" shows what else configures it.',
      terminal: '"canopus pi doctor" shows what else configures it.',
    },
    exit: 'failed',
  },
  'pi/did-not-return': {
    title: 'The CAN interface did not come back after the reset',
    next: {
      window:
        'Unplug the board and plug it in again. If the interface stays away, "Doctor" looks for the cause.',
      terminal:
        'Unplug the board and plug it in again. If the interface stays away, "canopus pi doctor" looks for the cause.',
    },
    exit: 'failed',
  },
  'pi/klipper-error': {
    title: 'Klipper reports an error',
    next: {
      window: 'Read its message: it names the section of printer.cfg, or the board that it cannot reach.',
    },
    exit: 'failed',
  },
  'pi/node-missing': {
    title: 'A board does not reply on the bus',
    next: {
      window:
        'Check its power, CANH and CANL and the two 120 ohm resistors, and that it was built for the same bit rate.',
    },
    exit: 'failed',
  },
  'pi/moonraker-unreachable': {
    title: 'Moonraker does not reply',
    next: {
      window: 'Open Mainsail or Fluidd to see whether Moonraker runs. If it does not, restart the Pi.',
      terminal: '"systemctl status moonraker" on the Pi shows whether it runs.',
    },
    exit: 'failed',
  },
  'pi/moonraker-auth': {
    title: 'Moonraker requires an API key',
    next: {
      window:
        'Connect again and enter the key when you are asked. Mainsail and Fluidd show it under API Key.',
      terminal:
        'Repeat the command with --api-key-stdin and pipe the key into it, or set CANOPUS_MOONRAKER_KEY. Mainsail and Fluidd show the key under API Key.',
    },
    exit: 'failed',
  },
  'pi/moonraker-answer': {
    title: 'Moonraker refused a request',
    next: { window: 'Read its message. If it refused the restart, restart Klipper in Mainsail or Fluidd.' },
    exit: 'failed',
  },
  'pi/unknown': {
    title: 'This Pi was removed',
    next: { window: 'Perhaps that was in another window. Add it again.' },
    exit: 'failed',
  },
  'pi/plan-unknown': {
    title: 'This plan is no longer known',
    next: { window: 'Make a plan again and review it.' },
    exit: 'failed',
  },
  'pi/busy': {
    title: 'Work is running on this Pi',
    next: { window: 'Wait until it has finished, or stop it.' },
    exit: 'failed',
  },
  'pi/virtual-only': {
    title: 'A virtual board belongs to the virtual Pi',
    next: {
      window: 'Choose the virtual Pi: the UUID of a virtual board must not end up in a real printer.cfg.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
