import type { ErrorRows } from './error-row.ts';

/** A Pi: looking, planning, applying, proving, undoing. */
export const piErrors = {
  'pi/bad-report': {
    title: 'What the Pi told cannot be read',
    next: { window: 'Repeat the step; if it stays, report it together with the log.' },
    exit: 'failed',
  },
  'pi/not-a-pi': {
    title: 'This computer is not set up for CAN',
    next: {
      window: 'Log in to the computer that runs Klipper; it needs Linux with systemd and the "ip" command.',
    },
    exit: 'refused',
  },
  'pi/printing': {
    title: 'The printer is printing',
    next: { window: 'Wait until the print is over or cancel it, then repeat the step.' },
    exit: 'refused',
  },
  'pi/print-state-unknown': {
    title: 'Nobody can say whether the printer is printing',
    next: {
      window:
        'Look at the printer. When it stands still, say so and repeat the step (on the command line with --idle).',
    },
    exit: 'refused',
  },
  'pi/no-network-stack': {
    title: 'This Pi has nothing that could bring can0 up',
    next: { window: 'Install ifupdown, or use a system with systemd-networkd.' },
    exit: 'refused',
  },
  'pi/no-printer-config': {
    title: 'No printer.cfg was found',
    next: { window: 'Start Klipper once, or give the path with --config.' },
    exit: 'refused',
  },
  'pi/several-printers': {
    title: 'Several Klipper processes run on this Pi',
    next: { window: 'Say which printer.cfg is meant with --config.' },
    exit: 'refused',
  },
  'pi/sudo-missing': {
    title: 'This user may not become root',
    next: { window: 'Log in as a user who may use sudo, or add this one to the group sudo.' },
    exit: 'refused',
  },
  'pi/sudo-password-needed': {
    title: 'sudo asks for a password',
    next: { window: 'Repeat the step and give the password of the user who logs in.' },
    exit: 'failed',
  },
  'pi/sudo-refused': {
    title: 'sudo refused',
    next: { window: 'Check the password; it is the one of the user who logs in, not of root.' },
    exit: 'failed',
  },
  'pi/unfinished': {
    title: 'An earlier change of this Pi was not finished',
    next: { window: 'Finish it with "canopus pi apply --resume" or take it back with "canopus pi undo".' },
    exit: 'refused',
  },
  'pi/changed-since-plan': {
    title: 'A file changed after the plan was made',
    next: { window: 'Make the plan anew and look at it again.' },
    exit: 'refused',
  },
  'pi/edited-since': {
    title: 'A file was edited after the change',
    next: {
      window:
        'Look at the difference that is shown. Put it back by hand, or repeat with --force to lose the later edit.',
    },
    exit: 'refused',
  },
  'pi/no-journal': {
    title: 'There is no such change',
    next: {
      window:
        'This user has no journal of a change on this Pi; it lies in ~/.local/state/canopus/plans there.',
    },
    exit: 'refused',
  },
  'pi/disk-full': {
    title: 'The disk of the Pi is full',
    next: { window: 'Free some space (old gcode files, logs), then repeat the step.' },
    exit: 'failed',
  },
  'pi/read-only': {
    title: 'The Pi does not let its files be written',
    next: {
      window:
        'A worn SD card turns read-only by itself: check "dmesg"; an overlay file system is switched off in raspi-config.',
    },
    exit: 'failed',
  },
  'pi/step-failed': {
    title: 'A step on the Pi failed',
    next: { window: 'Take the change back with "canopus pi undo", then repeat it.' },
    exit: 'failed',
  },
  'pi/command-failed': {
    title: 'A command on the Pi failed',
    next: {
      window:
        'Read what it said. Finish with "canopus pi apply --resume" or take the change back with "canopus pi undo".',
    },
    exit: 'failed',
  },
  'pi/klipper-not-restarted': {
    title: 'Klipper was not restarted',
    next: { window: 'Restart it in Mainsail or Fluidd, or with "sudo systemctl restart klipper".' },
    exit: 'failed',
  },
  'pi/interface-missing': {
    title: 'There is no can0',
    next: {
      window:
        'Plug the board in; it must run Klipper as a bridge. "canopus pi doctor" tells what the Pi sees.',
    },
    exit: 'failed',
  },
  'pi/interface-down': {
    title: 'can0 is there but down',
    next: { window: 'Run "canopus pi doctor"; unplug the board and plug it in again.' },
    exit: 'failed',
  },
  'pi/interface-wrong': {
    title: 'can0 is up with other settings',
    next: { window: 'Run "canopus pi doctor" to see what else configures it.' },
    exit: 'failed',
  },
  'pi/did-not-return': {
    title: 'can0 did not come back after the reset',
    next: { window: 'Unplug the board and plug it in again; if can0 stays away, run "canopus pi doctor".' },
    exit: 'failed',
  },
  'pi/klipper-error': {
    title: 'Klipper reports an error',
    next: {
      window: 'Read its message; it names the section of printer.cfg or the board that it cannot reach.',
    },
    exit: 'failed',
  },
  'pi/node-missing': {
    title: 'A board does not answer on the bus',
    next: {
      window:
        'Check its power, CANH and CANL, the two 120 ohm resistors, and that it was built for the same bit rate.',
    },
    exit: 'failed',
  },
  'pi/moonraker-unreachable': {
    title: 'Moonraker does not answer',
    next: { window: 'Check that it runs: "systemctl status moonraker" on the Pi.' },
    exit: 'failed',
  },
  'pi/moonraker-auth': {
    title: 'Moonraker wants an API key',
    next: {
      window:
        'Connect again and give it when it is asked for, or with --api-key; Moonraker shows it in its web interface under API Key.',
    },
    exit: 'failed',
  },
  'pi/moonraker-answer': {
    title: 'Moonraker refused a request',
    next: { window: 'Read its message; restart Klipper by hand if it is about that.' },
    exit: 'failed',
  },
  'pi/unknown': {
    title: 'No such Pi is kept',
    next: { window: 'It was removed, maybe in another window; add it again.' },
    exit: 'failed',
  },
  'pi/plan-unknown': {
    title: 'The plan is not known any more',
    next: { window: 'Let the plan be made again and look at it once more.' },
    exit: 'failed',
  },
  'pi/busy': {
    title: 'Work is running on this Pi',
    next: { window: 'Wait until it has ended, or cancel it.' },
    exit: 'failed',
  },
  'pi/virtual-only': {
    title: 'A virtual board belongs to the virtual Pi',
    next: {
      window:
        'Choose the virtual Pi; the UUID of a board that does not exist must not get into a real printer.cfg.',
    },
    exit: 'failed',
  },
} satisfies ErrorRows;
