import { afterAll, beforeAll, describe } from 'vitest';
import { flashStart } from '../../../app/mcu/stm32-memory.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import { makeKatapultImage } from '../../../main/sim/sample-images.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import type { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';
import { systemClock } from '../../../main/system-clock.ts';
import type { PiDevices } from '../../../main/reach/pi/pi-devices.ts';
import { byteLinkConformance } from '../../conformance/byte-link.ts';
import type { SshServer } from '../openssh-server.ts';
import { sshServers } from '../pi/ssh-fixture.ts';
import { logIn, openDevices } from './agent-bench.ts';
import { openTerminalBoard, type TerminalBoard } from './terminal-board.ts';

describe.each(Object.entries(sshServers))('through %s', (name, start) => {
  let server: SshServer;
  let shell: SshShell;
  let devices: PiDevices;
  let bench: VirtualBench;
  let terminal: TerminalBoard | null = null;

  beforeAll(async () => {
    server = await start();
    shell = await logIn(server);
    devices = await openDevices(shell);
    const flash = [{ address: flashStart, bytes: Uint8Array.from(makeKatapultImage()) }];
    bench = new VirtualBench(
      { boards: [{ id: 'board', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', flash }] },
      { clock: systemClock, timeScale: 0.01 },
    );
  });
  afterAll(async () => {
    await terminal?.[Symbol.asyncDispose]();
    await devices[Symbol.asyncDispose]();
    await shell[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await bench[Symbol.asyncDispose]();
  });

  byteLinkConformance(`A serial port behind ${name}`, async () => {
    await terminal?.[Symbol.asyncDispose]();
    const board = bench.board('board');
    board.setPower(false);
    using watch = await DeviceWatch.open(bench.devices, systemClock);
    board.plug();
    board.setPower(true);
    const isThere = (): boolean => (watch.at('usb:1-1')?.device.tty ?? null) !== null;
    await watch.waitFor(() => isThere() || null, { timeoutMs: 20_000 });
    const opened = await openTerminalBoard(await bench.devices.openSerial('1-1'));
    terminal = opened;
    const link = await devices.openTty(opened.tty);
    return { link, unplug: () => opened.unplug() };
  });
});
