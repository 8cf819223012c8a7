import type { BoardState, ErrorCode, LeftState, PiState } from './errors.ts';

export interface ErrorText {
  /** What it is, in a few words, for a heading. */
  readonly title: string;
  /** What to do now, one or two sentences. */
  readonly next: string;
}

/** A heading and a next step for every code; a code without one does not compile. */
export const errorTexts = {
  'link/stall': {
    title: 'The device refused a request',
    next: 'Reset the board and try again.',
  },
  'link/timeout': {
    title: 'The device did not answer in time',
    next: 'Check the cable, avoid hubs, reset the board and try again.',
  },
  'link/closed': { title: 'The connection was closed', next: 'Start again.' },
  'link/gone': {
    title: 'The device was unplugged',
    next: 'Plug the board into the same port again and repeat the step.',
  },
  'link/io': { title: 'The USB transfer failed', next: 'Try another cable or port, then repeat the step.' },
  'link/access': {
    title: 'No permission to open the device',
    next: 'On Linux install the udev rules (resources/udev/70-canopus.rules) and plug the board in again.',
  },
  'link/busy': {
    title: 'Another program holds the device',
    next: 'Close other flashing tools, slicers and serial monitors; on Linux stop ModemManager or install the udev rules.',
  },
  'link/no-driver': {
    title: 'The driver is missing',
    next: 'On Windows bind WinUSB to "STM32 BOOTLOADER" (for example with Zadig) and plug the board in again.',
  },
  'link/protocol': {
    title: 'The device sent something unexpected',
    next: 'Reset the board and try again; if it stays, note the log and report it.',
  },

  'device/not-found': {
    title: 'No such device',
    next: 'Check that the board is plugged in and powered; "canopus boards --watch" shows what appears.',
  },
  'device/ambiguous': {
    title: 'More than one device fits',
    next: 'Say which one with --port; the port path is printed by "canopus boards".',
  },
  'device/wrong-mode': {
    title: 'The board is in another mode',
    next: 'Bring the board into the mode that the step needs, then repeat it.',
  },
  'device/did-not-return': {
    title: 'The board did not come back',
    next: 'Check the BOOT0 jumper and the power, press reset once. If it stays silent the crystal chosen for the firmware may be wrong.',
  },
  'device/still-in-dfu': {
    title: 'The board came back in DFU mode',
    next: 'Power everything off, take the BOOT0 jumper off, power up again.',
  },
  'device/returned-as-another': {
    title: 'Another board appeared on this port',
    next: 'Put the first board back on its port, or start anew with this one.',
  },

  'dfu/no-dfu-interface': {
    title: 'The device has no DFU interface',
    next: 'Set the BOOT0 jumper and press reset so that the ROM bootloader starts.',
  },
  'dfu/bad-layout': {
    title: 'The chip describes its memory in an unknown way',
    next: 'Reset the board into DFU again; if it stays, report the board and chip marking.',
  },
  'dfu/read-protected': {
    title: 'The chip is read-protected',
    next: 'Repeat with read-unprotect confirmed. It erases the whole chip; do not unplug meanwhile.',
  },
  'dfu/unprotect-not-confirmed': {
    title: 'Removing the protection was not confirmed',
    next: 'Confirm it explicitly (--confirm-read-unprotect); it erases the whole chip.',
  },
  'dfu/device-error': {
    title: 'The ROM bootloader reported an error',
    next: 'Reset the board into DFU again and repeat the step.',
  },
  'dfu/stuck-busy': {
    title: 'The ROM bootloader stays busy',
    next: 'Press reset with the BOOT0 jumper on, or power the board off and on, then repeat the step.',
  },
  'dfu/erase-failed': {
    title: 'A flash sector could not be erased',
    next: 'Repeat once. If the same sector fails again the chip is worn out or write-protected.',
  },
  'dfu/write-failed': {
    title: 'A flash block could not be written',
    next: 'Repeat once. If the same address fails again the chip is worn out or write-protected.',
  },
  'dfu/verify-mismatch': {
    title: 'The flash does not hold what was written',
    next: 'Repeat once. If the same address differs again the flash is damaged; do not use the board.',
  },
  'dfu/flash-damaged': {
    title: 'The flash of the chip may be damaged',
    next: 'Repeat once. If the same address fails again the flash is damaged: do not use the board.',
  },

  'katapult/no-answer': {
    title: 'Katapult does not answer',
    next: 'Press reset twice within half a second to start Katapult anew, then repeat the step.',
  },
  'katapult/bad-answer': {
    title: 'Katapult sent an answer that makes no sense',
    next: 'Press reset twice within half a second, then repeat the step.',
  },
  'katapult/unsupported-version': {
    title: 'This Katapult speaks an unknown protocol version',
    next: 'Install a current Katapult through DFU first.',
  },
  'katapult/command-failed': {
    title: 'Katapult refused a command',
    next: 'Press reset twice within half a second, then repeat the step.',
  },
  'katapult/wedged': {
    title: 'Katapult stopped listening',
    next: 'Press reset twice within half a second (double tap), then repeat the step.',
  },
  'katapult/wrong-mcu': {
    title: 'The image is for another MCU than Katapult reports',
    next: 'Choose the image for the MCU that is on this board.',
  },
  'katapult/wrong-address': {
    title: 'The image does not start where Katapult starts the application',
    next: 'Build Klipper with the bootloader offset that Katapult was built for.',
  },
  'katapult/verify-mismatch': {
    title: 'The flash does not hold what was written',
    next: 'Repeat once; the board stays in Katapult. If the same address differs again the flash is damaged.',
  },
  'katapult/flash-damaged': {
    title: 'The flash of the chip may be damaged',
    next: 'Repeat once; the board stays in Katapult. If the same address fails again the flash is damaged: do not use the board.',
  },
  'katapult/stuck-busy': {
    title: 'Katapult stays busy',
    next: 'Press reset twice within half a second, then repeat the step.',
  },
  'katapult/frames-damaged': {
    title: 'Katapult receives damaged data',
    next: 'Try another cable or port, without a hub. Press reset twice within half a second, then repeat the step.',
  },
  'katapult/not-entered': {
    title: 'The board did not leave Klipper for its bootloader',
    next: 'Press reset twice within half a second to start Katapult, then repeat the step.',
  },

  'chip/mismatch': {
    title: 'This is not the chip that was chosen',
    next: 'Read the marking on the chip and choose the board variant and the images for it.',
  },
  'chip/marking-needed': {
    title: 'The marking on the chip has to be read',
    next: 'Read what is printed on the chip and enter it (in a terminal with --marking STM32F407ZET6). Nothing is written before.',
  },
  'chip/marking-mismatch': {
    title: 'The marking does not fit what was chosen',
    next: 'Read the marking once more; if it is right choose the board variant and the images for this chip.',
  },
  'chip/bad-marking': {
    title: 'This is not the marking of an STM32',
    next: 'Enter it as it is printed on the chip: STM32F446ZET6, STM32F407ZGT6. A chip of another maker is not flashed here.',
  },

  'image/unreadable': { title: 'The image file cannot be read', next: 'Check the path and its permissions.' },
  'image/virtual-only': {
    title: 'This image is for virtual boards',
    next: 'Build the firmware or choose the .bin files for this board.',
  },
  'image/not-an-image': {
    title: 'This is not a firmware image',
    next: 'Choose the .bin file that the firmware build made (klipper.bin or katapult.bin).',
  },
  'image/truncated': {
    title: 'The image file is cut short',
    next: 'Copy or download the file again, or build it anew.',
  },
  'image/wrong-kind': {
    title: 'This is the wrong kind of image for this step',
    next: 'Katapult goes in through DFU, Klipper through Katapult; choose the other file.',
  },
  'image/wrong-mcu': {
    title: 'The image is for another MCU',
    next: 'Read the marking on the chip and choose the image and preset for it.',
  },
  'image/wrong-address': {
    title: 'The image is for another place in flash',
    next: 'Build Katapult and Klipper with the same bootloader offset.',
  },
  'image/not-a-bridge': {
    title: 'This Klipper image is not a USB-to-CAN bridge',
    next: 'Build Klipper with the communication interface "USB to CAN bus bridge".',
  },
  'image/no-usb': {
    title: 'This Katapult cannot be reached over USB',
    next: 'Build Katapult with the communication interface "USB (on PA11/PA12)".',
  },
  'image/wrong-pins': {
    title: 'The image uses other CAN pins than the board',
    next: 'Build Klipper with the CAN pins of this board.',
  },
  'image/wrong-bitrate': {
    title: 'The image has another CAN bit rate',
    next: 'Build every board on the bus for the same bit rate.',
  },
  'image/does-not-fit': {
    title: 'The image does not fit into the flash',
    next: 'Choose an image for this board; this one is too large.',
  },
  'image/wrong-crystal': {
    title: 'The image is built for another crystal',
    next: 'Build it for the crystal of this board; with a wrong one the board stays silent on USB.',
  },
  'image/crystal-unknown': {
    title: 'The image does not tell its crystal',
    next: 'Confirm the crystal that it was built for (in a terminal with --confirm-crystal 12), or build it anew.',
  },
  'image/known-fault': {
    title: 'This firmware version is known not to work on this chip',
    next: 'Build it from a newer version, at least the one that is named; the newest is best.',
  },

  'preset/invalid': {
    title: 'A board preset is invalid',
    next: 'Correct the named field of the named file.',
  },
  'preset/unknown': { title: 'No such board preset', next: '"canopus presets" lists the known ones.' },

  'uid/invalid': {
    title: 'This is not a chip UID',
    next: 'A UID has 24 hexadecimal digits; copy it from the USB serial number or the label.',
  },
  'identity/conflict': {
    title: 'Two boards claim the same identity',
    next: 'Unplug one of them and go on with the other.',
  },

  'bench/bad-map': {
    title: 'The slots cannot be arranged like this',
    next: 'Give every slot a name of its own.',
  },
  'bench/bad-recipe': {
    title: 'The recipe file is not valid',
    next: 'Correct the field that is named; docs/bench-station.md describes the format.',
  },
  'bench/not-confirmed': {
    title: 'This board has hazards that must be confirmed',
    next: 'Do what the sentences ask for, for every board of this batch, and confirm it when arming.',
  },
  'bench/overlapping-recipes': {
    title: 'Two recipes would want the same boards',
    next: 'Disarm the one that is armed for this chip, then arm the other.',
  },
  'bench/unknown-recipe': {
    title: 'This recipe is not known any more',
    next: 'It was forgotten with its session. Arm it anew.',
  },
  'bench/unknown-slot': {
    title: 'There is no such slot',
    next: 'Choose one of the slots on the map: by its name or its USB port.',
  },
  'bench/no-recipe': {
    title: 'No armed recipe fits this board',
    next: 'Take the board off, or arm a recipe for its chip. Nothing was written to it.',
  },
  'bench/ambiguous': {
    title: 'Several armed recipes fit this board',
    next: 'Disarm all but the right one, or set this board up by itself. Nothing was written to it.',
  },
  'bench/already-done': {
    title: 'This board was done in this session',
    next: 'Take the next one. To write it once more choose "Flash again" on its slot.',
  },
  'bench/interrupted': {
    title: 'The station ended while this board was being written',
    next: 'Retry the slot: the station looks what the board holds now and repeats what is missing.',
  },

  'recipe/invalid': {
    title: 'This cannot be built',
    next: 'Correct the named value.',
  },
  'recipe/no-bridge': {
    title: 'This MCU cannot be a USB-to-CAN bridge',
    next: 'Use a board with an F4, F072, G0B1 or H7 as the bridge; this one can be a CAN node behind it.',
  },
  'recipe/not-confirmed': {
    title: 'The firmware would not fit what is known of the board',
    next: 'Read the marking on the chip and on the crystal. If the board really differs, confirm it (--confirm).',
  },
  'recipe/conflict': {
    title: 'An extra symbol contradicts the recipe',
    next: 'Leave the symbol out, or change the board setting that it stands for.',
  },
  'source/invalid': {
    title: 'This is not a firmware source',
    next: 'Give a folder, URL@REF (a branch, tag or commit) or pi:USER@HOST.',
  },
  'source/not-firmware': {
    title: 'There is no firmware in this source',
    next: 'Point to the top folder of a Klipper tree for Klipper, of a Katapult tree for Katapult.',
  },
  'source/unreachable': {
    title: 'The source could not be fetched',
    next: 'Check the network and the address. What was fetched before can be built without network: name its commit or tag.',
  },
  'source/unknown-ref': {
    title: 'The source has no such branch, tag or commit',
    next: 'Check the name; a commit is best given with all 40 digits.',
  },
  'source/git-failed': {
    title: 'git could not read the source',
    next: 'See what git said; "git status" in that folder should work without complaint.',
  },
  'source/not-on-pi': {
    title: 'The Pi has no such source tree',
    next: 'Klipper is looked for in ~/klipper, Katapult in ~/katapult of the user on the Pi; give another source.',
  },
  'toolchain/missing': {
    title: 'Tools for building are missing',
    next: 'Install what is named, build on the Pi (--on pi:USER@HOST), or import finished images.',
  },
  'toolchain/too-old': {
    title: 'The compiler is too old',
    next: 'Install a newer one, or build on a machine that has one (--on pi:USER@HOST).',
  },
  'toolchain/probe-failed': {
    title: 'The tools for building could not be examined',
    next: 'See the message; a shell and the basic commands must work on that machine.',
  },
  'build/unknown-mcu': {
    title: 'The source does not know this MCU',
    next: 'Use a newer source, or the preset of the chip that is on the board.',
  },
  'build/config-refused': {
    title: 'The source did not take the configuration',
    next: 'The table says which symbols. The source may be too old or too new for this board: try another version of it.',
  },
  'build/known-fault': {
    title: 'This firmware version is known not to work on this chip',
    next: 'Build a newer version, at least the one that is named. If the Pi runs this one, update Klipper there first.',
  },
  'build/configure-failed': {
    title: 'The configuration could not be made',
    next: 'See the log: make olddefconfig failed in this source.',
  },
  'build/failed': {
    title: 'The compiler failed',
    next: 'See the errors in the log. Another version of the source, or another compiler, may build.',
  },
  'build/failed-changed': {
    title: 'The compiler failed on a changed source tree',
    next: 'See the errors in the log. The tree has changes that are in no commit: without them it may build.',
  },
  'build/library-too-new': {
    title: 'This Klipper is older than the C library of this compiler',
    next: 'Take Klipper v0.13.0 or later, or build on a computer with an older compiler (newlib before 4.3), such as a Pi with Raspberry Pi OS 12.',
  },
  'build/timeout': {
    title: 'The build took too long',
    next: 'The machine may be overloaded; try again, or build on another one.',
  },
  'build/no-image': {
    title: 'The build left no image',
    next: 'Check that this is an unchanged Klipper or Katapult tree.',
  },
  'build/image-mismatch': {
    title: 'The built image is not what was asked for',
    next: 'It was not stored. The source tree may be changed or broken; try a clean version of it.',
  },
  'build/printing': {
    title: 'The printer is printing',
    next: 'Wait for the print to end, build on this computer, or confirm that the Pi may build meanwhile.',
  },
  'build/no-builder': {
    title: 'Nothing can build there',
    next: 'On Windows build in WSL (--on wsl) or on the Pi (--on pi:USER@HOST), or import finished images.',
  },
  'build/bad-folder': {
    title: 'Nothing can be built in this folder',
    next: 'Choose a folder without spaces and special characters (--data DIR).',
  },

  'cache/corrupt': {
    title: 'A stored image was damaged',
    next: 'It was removed; build or import it again.',
  },
  'cache/unknown-image': { title: 'No such image is stored', next: '"canopus cache list" shows what is.' },
  'cache/bad-bundle': {
    title: 'This is not a good bundle of images',
    next: 'Export it again and copy it whole; nothing was imported.',
  },
  'cache/locked': {
    title: 'Another Canopus holds the image cache',
    next: 'Wait until it is done, or end it; then repeat the step.',
  },

  'shell/timeout': {
    title: 'A command took too long',
    next: 'See the end of its log for where it stood still; a slow machine may need a longer time-out.',
  },
  'shell/lost': {
    title: 'The connection to the machine broke',
    next: 'Check that it is on and reachable, then repeat the step.',
  },
  'shell/closed': { title: 'The connection was closed', next: 'Start again.' },
  'shell/not-started': {
    title: 'The machine cannot start a program',
    next: 'It may be out of memory or processes; close other programs or restart it.',
  },

  'ssh/host-not-found': {
    title: 'There is no computer of that name',
    next: 'Check the spelling, try NAME.local, or use the IP address that the router shows.',
  },
  'ssh/refused': {
    title: 'The computer is there, but SSH is not',
    next: 'Switch SSH on (on a Pi: sudo raspi-config, Interface Options) or give the port it uses.',
  },
  'ssh/unreachable': {
    title: 'The Pi cannot be reached',
    next: 'Check that it is powered and in the same network.',
  },
  'ssh/timeout': {
    title: 'The Pi did not answer in time',
    next: 'Check the network; a Pi that just started needs a minute.',
  },
  'ssh/broken': { title: 'The connection broke off', next: 'Connect again.' },
  'ssh/host-key-unknown': {
    title: 'This computer is not known yet',
    next: 'Compare the fingerprint with what "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" prints on the Pi, then accept it.',
  },
  'ssh/host-key-changed': {
    title: 'This is not the computer it was before',
    next: 'If the Pi was set up anew, delete its line from the known_hosts file named above; if not, somebody may be in between: do not log in.',
  },
  'ssh/host-key-revoked': {
    title: 'The key of this computer was revoked',
    next: 'Do not log in. The line in the known_hosts file named above says that this key is compromised.',
  },
  'ssh/auth-failed': {
    title: 'The login was refused',
    next: 'Check user and password, or give the right key with --key.',
  },
  'ssh/key-unreadable': {
    title: 'The key file cannot be used',
    next: 'Give a private key file in OpenSSH or PEM form that you may read.',
  },
  'ssh/key-locked': {
    title: 'The key stayed locked',
    next: 'Give the right passphrase, or load the key into the agent with ssh-add.',
  },
  'ssh/config-unreadable': {
    title: 'The SSH configuration cannot be used',
    next: 'Correct ~/.ssh/config at the host that is named.',
  },
  'ssh/forward-refused': {
    title: 'The computer in between does not connect on',
    next: 'Check the address of the last host, and AllowTcpForwarding on the one in between.',
  },

  'pi/bad-report': {
    title: 'What the Pi told cannot be read',
    next: 'Repeat the step; if it stays, report it together with the log.',
  },
  'pi/not-a-pi': {
    title: 'This computer is not set up for CAN',
    next: 'Log in to the computer that runs Klipper; it needs Linux with systemd and the "ip" command.',
  },
  'pi/printing': {
    title: 'The printer is printing',
    next: 'Wait until the print is over or cancel it, then repeat the step.',
  },
  'pi/print-state-unknown': {
    title: 'Nobody can say whether the printer is printing',
    next: 'Look at the printer. When it stands still, say so and repeat the step (on the command line with --idle).',
  },
  'pi/no-network-stack': {
    title: 'This Pi has nothing that could bring can0 up',
    next: 'Install ifupdown, or use a system with systemd-networkd.',
  },
  'pi/no-printer-config': {
    title: 'No printer.cfg was found',
    next: 'Start Klipper once, or give the path with --config.',
  },
  'pi/several-printers': {
    title: 'Several Klipper processes run on this Pi',
    next: 'Say which printer.cfg is meant with --config.',
  },
  'pi/sudo-missing': {
    title: 'This user may not become root',
    next: 'Log in as a user who may use sudo, or add this one to the group sudo.',
  },
  'pi/sudo-password-needed': {
    title: 'sudo asks for a password',
    next: 'Repeat the step and give the password of the user who logs in.',
  },
  'pi/sudo-refused': {
    title: 'sudo refused',
    next: 'Check the password; it is the one of the user who logs in, not of root.',
  },
  'pi/unfinished': {
    title: 'An earlier change of this Pi was not finished',
    next: 'Finish it with "canopus pi apply --resume" or take it back with "canopus pi undo".',
  },
  'pi/changed-since-plan': {
    title: 'A file changed after the plan was made',
    next: 'Make the plan anew and look at it again.',
  },
  'pi/edited-since': {
    title: 'A file was edited after the change',
    next: 'Look at the difference that is shown. Put it back by hand, or repeat with --force to lose the later edit.',
  },
  'pi/no-journal': {
    title: 'There is no such change',
    next: 'This user has no journal of a change on this Pi; it lies in ~/.local/state/canopus/plans there.',
  },
  'pi/disk-full': {
    title: 'The disk of the Pi is full',
    next: 'Free some space (old gcode files, logs), then repeat the step.',
  },
  'pi/read-only': {
    title: 'The Pi does not let its files be written',
    next: 'A worn SD card turns read-only by itself: check "dmesg"; an overlay file system is switched off in raspi-config.',
  },
  'pi/step-failed': {
    title: 'A step on the Pi failed',
    next: 'Take the change back with "canopus pi undo", then repeat it.',
  },
  'pi/command-failed': {
    title: 'A command on the Pi failed',
    next: 'Read what it said. Finish with "canopus pi apply --resume" or take the change back with "canopus pi undo".',
  },
  'pi/klipper-not-restarted': {
    title: 'Klipper was not restarted',
    next: 'Restart it in Mainsail or Fluidd, or with "sudo systemctl restart klipper".',
  },
  'pi/interface-missing': {
    title: 'There is no can0',
    next: 'Plug the board in; it must run Klipper as a bridge. "canopus pi doctor" tells what the Pi sees.',
  },
  'pi/interface-down': {
    title: 'can0 is there but down',
    next: 'Run "canopus pi doctor"; unplug the board and plug it in again.',
  },
  'pi/interface-wrong': {
    title: 'can0 is up with other settings',
    next: 'Run "canopus pi doctor" to see what else configures it.',
  },
  'pi/did-not-return': {
    title: 'can0 did not come back after the reset',
    next: 'Unplug the board and plug it in again; if can0 stays away, run "canopus pi doctor".',
  },
  'pi/klipper-error': {
    title: 'Klipper reports an error',
    next: 'Read its message; it names the section of printer.cfg or the board that it cannot reach.',
  },
  'pi/node-missing': {
    title: 'A board does not answer on the bus',
    next: 'Check its power, CANH and CANL, the two 120 ohm resistors, and that it was built for the same bit rate.',
  },
  'pi/moonraker-unreachable': {
    title: 'Moonraker does not answer',
    next: 'Check that it runs: "systemctl status moonraker" on the Pi.',
  },
  'pi/moonraker-auth': {
    title: 'Moonraker wants an API key',
    next: 'Connect again and give it when it is asked for, or with --api-key; Moonraker shows it in its web interface under API Key.',
  },
  'pi/moonraker-answer': {
    title: 'Moonraker refused a request',
    next: 'Read its message; restart Klipper by hand if it is about that.',
  },
  'pi/unknown': {
    title: 'No such Pi is kept',
    next: 'It was removed, maybe in another window; add it again.',
  },
  'pi/plan-unknown': {
    title: 'The plan is not known any more',
    next: 'Let the plan be made again and look at it once more.',
  },
  'pi/busy': {
    title: 'Work is running on this Pi',
    next: 'Wait until it has ended, or cancel it.',
  },
  'pi/virtual-only': {
    title: 'A virtual board belongs to the virtual Pi',
    next: 'Choose the virtual Pi; the UUID of a board that does not exist must not get into a real printer.cfg.',
  },

  'config/auto-saved': {
    title: 'The option stands in the block that Klipper writes itself',
    next: 'Delete the named option from the block at the end of printer.cfg by hand, then repeat the step.',
  },
  'config/invalid-value': {
    title: 'This cannot stand in printer.cfg',
    next: 'Give a canbus_uuid of 12 hexadecimal digits and a plain section name.',
  },

  'file/missing': { title: 'A file is not there', next: 'Check the path.' },
  'file/disk-full': {
    title: 'The disk is full',
    next: 'Free some space ("canopus cache prune" removes unused images), then repeat the step.',
  },
  'contract/disconnected': {
    title: 'The connection to the station was lost',
    next: 'It is made again by itself. Work that was running goes on; look at the bench before you repeat a step.',
  },
  'contract/invalid-answer': {
    title: 'The station answered something this window does not understand',
    next: 'Reload the window, so that it is of the same version as the station.',
  },
  'contract/invalid-input': {
    title: 'The station refused what it was asked',
    next: 'Check the marked fields; if nothing is marked, reload the window.',
  },
  'contract/protocol': {
    title: 'The window and the station do not understand each other',
    next: 'Reload the window, so that it is of the same version as the station.',
  },
  'contract/too-large': {
    title: 'This is too large to hand over',
    next: 'A firmware image has at most 2 MiB; choose the right file.',
  },
  'contract/too-many': {
    title: 'Too much was asked at once',
    next: 'Wait a moment, then repeat the step.',
  },
  'contract/unknown-name': {
    title: 'The station does not know this request',
    next: 'Reload the window, so that it is of the same version as the station.',
  },
  'host/port-in-use': {
    title: 'The address is taken',
    next: 'Another station may be running already; use its window, or say another port with --listen 127.0.0.1:PORT.',
  },
  'host/work-running': {
    title: 'Work is still running',
    next: 'Wait until it has ended, or cancel it on the bench, then try again.',
  },
  'flow/interrupted': {
    title: 'The work was interrupted',
    next: 'Go on: the station looks how far it came and repeats what is missing.',
  },
  'flow/unknown': {
    title: 'This flow is not known any more',
    next: 'It was removed in another window. Start anew from the bench.',
  },
  'job/unknown': {
    title: 'This work is not known any more',
    next: 'The station was started anew since, or it was too long ago. The history has what was written.',
  },
  'job/interrupted': {
    title: 'Canopus or the computer stopped in the middle of it',
    next: 'Plug the board into the same port again and flash it anew: the work begins with what the board is in then.',
  },

  'history/unwritable': {
    title: 'The history cannot be written',
    next: 'Free some space on the disk and see that its folder may be written to, then start Canopus again.',
  },
  'history/damaged': {
    title: 'The history file is damaged',
    next: 'Move the file that is named to a safe place and start Canopus again: it begins a new one.',
  },
  'history/newer': {
    title: 'The history was written by a newer Canopus',
    next: 'Use the newer version on this computer, or keep a data folder of its own for this one (--data).',
  },
  'history/unknown-run': {
    title: 'There is no such run in the history',
    next: 'Look it up again: "canopus history" lists them.',
  },
  'history/unknown-board': {
    title: 'The history knows nothing of this board',
    next: 'Check the UID or UUID. Boards that another computer flashed are in the history of that one.',
  },

  'file/unreadable': { title: 'A file cannot be read', next: 'Check the path and its permissions.' },
  'file/unwritable': {
    title: 'A file cannot be written',
    next: 'Check the free space and the permissions of the folder.',
  },
  'usage/invalid': { title: 'The command is not complete or not right', next: 'See "canopus --help".' },
  cancelled: { title: 'Cancelled', next: 'Start the step again when ready.' },
  internal: {
    title: 'An unexpected error',
    next: 'Repeat the step; if it stays, report it together with the log.',
  },
} as const satisfies Record<ErrorCode, ErrorText>;

/** What a board is left with, in one sentence a person can act on. */
export const boardStateTexts = {
  untouched: 'Nothing was erased or written: the board is as it was.',
  'dfu-partial':
    'The flash is erased or written in part. The ROM bootloader cannot be damaged: with the BOOT0 jumper on, the board comes back in DFU and the step can be repeated.',
  'dfu-written':
    'Katapult is written and every byte was read back, but the board was not seen starting. With the BOOT0 jumper off, a power cycle starts it.',
  'katapult-partial':
    'Katapult is intact, the application is erased or written in part. The board stays in Katapult, or comes back there with a double tap of reset, and the step can be repeated.',
  'katapult-verified':
    'The application is written and every byte was read back, but the board was not seen starting. A press of reset starts it.',
  'running-katapult':
    'Katapult is written, every byte was read back, and it was seen running. The application is still to be written.',
  'running-klipper':
    'Klipper is written, every byte was read back, and it runs: it was seen on USB as a serial device.',
  'running-bridge':
    'Klipper is written, every byte was read back, and it runs: it was seen on USB as a USB-to-CAN bridge.',
  unknown: 'What the board holds is not known. DFU (BOOT0 jumper and reset) always works.',
} as const satisfies Record<BoardState, string>;

/** The same in a few words, for tables. */
export const boardStateTitles = {
  untouched: 'as it was',
  'dfu-partial': 'erased or written in part, in DFU',
  'dfu-written': 'Katapult written, not seen starting',
  'katapult-partial': 'application erased or written in part, in Katapult',
  'katapult-verified': 'application written, not seen starting',
  'running-katapult': 'Katapult runs',
  'running-klipper': 'Klipper runs on USB serial',
  'running-bridge': 'bridge runs',
  unknown: 'not known',
} as const satisfies Record<BoardState, string>;

/** What a Pi is left with, in one sentence a person can act on. */
export const piStateTexts = {
  'pi-untouched': 'Nothing was changed on the Pi.',
  'pi-partial':
    'Some of the changes are made. Each file on the Pi is either the old or the new one, with its backup beside it: "canopus pi apply --resume" finishes, "canopus pi undo" takes everything back.',
  'pi-applied': 'All changes are made on the Pi, but they were not seen working.',
  'pi-undone': 'The Pi is as it was before the change.',
  'pi-unknown':
    'The connection broke in the middle of a step. Each file on the Pi is either the old or the new one; "canopus pi facts" tells where it stands, and the change can be finished or taken back.',
} as const satisfies Record<PiState, string>;

/** What is left behind, whatever the work was on. */
export const leftStateTexts = {
  ...boardStateTexts,
  ...piStateTexts,
} as const satisfies Record<LeftState, string>;
