import type { PlaceId } from '../../../app/place.ts';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Board } from '../../../app/boards/board.ts';
import { driverOf } from '../../../app/boards/device-driver.ts';
import type { HostCheck } from '../../../app/doctor/host-check.ts';
import { resourcesDirectory } from '../../../main/resources.ts';
import { dataFolders } from '../../../main/station/data-folders.ts';
import { runHostDoctor, type HostDoctorOptions } from '../../../main/station/host-doctor.ts';
import { boardInDfu } from '../../fixtures/boards.ts';

const ourRule = join(resourcesDirectory(), 'udev', '70-canopus.rules');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'canopus-doctor-'));
  await mkdir(join(root, 'sys/bus/usb'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}

const board = (mode: Board['mode'], access: Board['access'], place: PlaceId = 'usb:1-1'): Board =>
  boardInDfu(place, { mode, access });

const gcc = { name: 'arm-none-eabi-gcc', path: '/usr/bin/arm-none-eabi-gcc', version: 'gcc 12.2.1' } as const;

/** The checks of the made-up computer by their ids. */
async function examine(options: Partial<HostDoctorOptions> = {}): Promise<ReadonlyMap<string, HostCheck>> {
  const checks = await runHostDoctor({
    surface: 'window',
    folders: dataFolders(join(root, 'home')),
    boards: () => [],
    toolchain: () =>
      Promise.resolve({ tools: [gcc], missing: [], system: 'Linux', distribution: ['debian'] }),
    secrets: 'os',
    root,
    platform: 'linux',
    ...options,
  });
  return new Map(checks.map((check) => [check.id, check]));
}

describe('the doctor of a Linux computer', () => {
  it('gives the one command that installs the missing rule', async () => {
    const check = (await examine()).get('udev-rules');
    expect(check?.verdict).toBe('wrong');
    expect(check?.fix?.command).toBe(
      `sudo install -m 644 '${ourRule}' /etc/udev/rules.d/70-canopus.rules && sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb --subsystem-match=tty --action=change`,
    );
  });

  it.each(['etc/udev/rules.d', 'usr/lib/udev/rules.d'])('finds the rule in %s', async (folder) => {
    await write(`${folder}/x`, '');
    await cp(ourRule, join(root, folder, '70-canopus.rules'));
    expect((await examine()).get('udev-rules')).toMatchObject({ verdict: 'fine', fix: null });
  });

  it('reports a rule of another version, and which one counts if there are two', async () => {
    await write('etc/udev/rules.d/70-canopus.rules', '# old');
    await write('usr/lib/udev/rules.d/x', '');
    await cp(ourRule, join(root, 'usr/lib/udev/rules.d/70-canopus.rules'));
    const check = (await examine()).get('udev-rules');
    expect(check?.verdict).toBe('look');
    expect(check?.answer).toContain(join(root, 'etc/udev/rules.d'));
    expect(check?.fix?.command).toContain('sudo install');
  });

  it('warns of ModemManager where no rule keeps it away', async () => {
    await write('proc/1/comm', 'systemd\n');
    expect((await examine()).get('modem-manager')?.verdict).toBe('fine');
    await write('proc/812/comm', 'ModemManager\n');
    expect((await examine()).get('modem-manager')?.verdict).toBe('wrong');
    await write('etc/udev/rules.d/x', '');
    await cp(ourRule, join(root, 'etc/udev/rules.d/70-canopus.rules'));
    expect((await examine()).get('modem-manager')?.verdict).toBe('fine');
  });

  it('says that a container shows no USB', async () => {
    expect((await examine()).get('usb')?.verdict).toBe('fine');
    await rm(join(root, 'sys'), { recursive: true });
    expect((await examine()).get('usb')?.verdict).toBe('wrong');
  });

  it('names each board that cannot be opened, and looks at boards only', async () => {
    const refused = board('dfu', { ok: false, code: 'link/access' }, 'usb:1-4');
    const mouse = board('unknown', { ok: false, code: 'link/access' }, 'usb:1-2');
    const check = (await examine({ boards: () => [board('katapult', { ok: true }), refused, mouse] })).get(
      'access',
    );
    expect(check?.verdict).toBe('wrong');
    expect(check?.answer).toBe('USB port 1-4: No permission to open the device.');
    expect((await examine({ boards: () => [mouse] })).get('access')?.verdict).toBe('unknown');
  });

  it('gives the command that installs what building needs', async () => {
    const toolchain = (): ReturnType<HostDoctorOptions['toolchain']> =>
      Promise.resolve({ tools: [], missing: ['make'], system: 'Linux', distribution: ['fedora'] });
    const check = (await examine({ toolchain })).get('toolchain');
    expect(check).toMatchObject({ verdict: 'look', answer: 'Not installed: make.' });
    expect(check?.fix?.command).toMatch(/^sudo dnf install /);
  });

  it('does not fail with a toolchain that cannot be looked at', async () => {
    const toolchain = (): Promise<never> => Promise.reject(new Error('no shell'));
    expect((await examine({ toolchain })).get('toolchain')?.verdict).toBe('unknown');
  });

  it('asks no questions of other systems', async () => {
    expect([...(await examine()).keys()]).not.toContain('winusb');
    const keys = [...(await examine({ platform: 'darwin' })).keys()];
    expect(keys).toEqual(['access', 'toolchain', 'folders', 'secrets']);
  });
});

describe('the doctor of a Windows computer', () => {
  const refused = { ok: false, code: 'link/no-driver' } as const;
  const driven = (mode: Board['mode'], service: string | null, access: Board['access']): Board => ({
    ...board(mode, access),
    driver: driverOf(service, service === 'STTub30' ? 'STMicroelectronics' : null),
    product: mode === 'can-bridge' ? 'stm32f446xx' : 'STM32  BOOTLOADER',
  });
  const examineWindows = (...boards: Board[]): ReturnType<typeof examine> =>
    examine({ platform: 'win32', boards: () => boards, readsDeviceTree: () => Promise.resolve(true) });

  it('leads to WinUSB for a board in DFU that has none', async () => {
    const checks = await examineWindows(driven('dfu', null, refused));
    expect(checks.get('winusb')).toMatchObject({ verdict: 'wrong', answer: 'USB port 1-1: no driver.' });
    expect(checks.get('winusb')?.fix?.text).toContain('"STM32 BOOTLOADER"');
    expect(checks.get('access')).toMatchObject({ verdict: 'wrong', fix: null });
  });

  it('says which driver is bound', async () => {
    const st = await examineWindows(driven('dfu', 'STTub30', refused));
    expect(st.get('winusb')?.answer).toContain("ST's own driver (STTub30)");
    const winUsb = await examineWindows(driven('dfu', 'WinUSB', { ok: true }));
    expect(winUsb.get('winusb')).toMatchObject({
      verdict: 'fine',
      answer: 'USB port 1-1: yes, WinUSB.',
      fix: null,
    });
    const unknown = await examineWindows(board('dfu', refused));
    expect(unknown.get('winusb')?.answer).toContain('could not be read');
  });

  it('takes a bridge without a driver for what it is: no obstacle, by its own name', async () => {
    const checks = await examineWindows(driven('can-bridge', null, refused));
    expect(checks.get('winusb')?.verdict).toBe('unknown');
    expect(checks.get('winusb-bridge')).toMatchObject({
      verdict: 'look',
      answer: 'USB port 1-1: no driver.',
    });
    const text = checks.get('winusb-bridge')?.fix?.text ?? '';
    expect(text).toContain('"stm32f446xx"');
    expect(text).toContain('press reset twice');
    expect(text).not.toContain('STM32 BOOTLOADER');
    expect(checks.get('access')?.verdict).toBe('fine');
  });

  it('says before that the driver shows only with a board in DFU', async () => {
    expect((await examineWindows()).get('winusb')?.verdict).toBe('unknown');
  });

  it("says where Windows' list cannot be read, without which a bridge is not seen", async () => {
    const options = { platform: 'win32', readsDeviceTree: () => Promise.resolve(false) } as const;
    expect((await examine(options)).get('device-tree')?.verdict).toBe('look');
    expect((await examineWindows()).get('device-tree')?.verdict).toBe('fine');
  });

  it('sends those who want to build to WSL or the Pi', async () => {
    expect((await examine({ platform: 'win32' })).get('toolchain')?.fix?.text).toContain('WSL');
  });
});

it('names what looks like a board and is none, on any system', async () => {
  const foreign: Board = { ...board('unknown', { ok: true }), foreign: 'gd32-dfu' };
  const check = (await examine({ boards: () => [foreign] })).get('foreign');
  expect(check).toMatchObject({ verdict: 'look' });
  expect(check?.answer).toContain('GD32');
});
