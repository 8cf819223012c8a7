import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import { isCanopusError } from '../../../app/errors.ts';
import type { CanopusError } from '../../../app/errors.ts';
import { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import { codeOfRejection } from '../../error-code.ts';
import { openBench, recipe, recorder } from './bench.ts';
import type { Bench } from './bench.ts';
import { makeSourceTree } from './source-tree.ts';
import type { SourceTree } from './source-tree.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

function tree(target: FirmwareTarget): Promise<SourceTree> {
  return makeSourceTree(join(bench.folder, `user/${target}`), target);
}

function request(target: FirmwareTarget, { path }: SourceTree) {
  return { target, recipe: recipe(), presetId: null, source: { type: 'folder', path } as const, on: 'local' };
}

async function refusal(work: Promise<unknown>): Promise<CanopusError> {
  try {
    await work;
  } catch (error) {
    if (isCanopusError(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** Nothing was stored, nothing runs, nothing lies about. */
async function expectNoTrace(): Promise<void> {
  expect(await bench.service().cache.keys()).toEqual([]);
  expect(await readdir(join(bench.cacheFolder, 'builds')).catch(() => [])).toEqual([]);
  expect(await bench.processes()).toEqual([]);
}

const withPath = (bin: string) => ({ localEnvironment: { PATH: `${bin}:${process.env['PATH'] ?? ''}` } });

describe('a source that does not take the configuration', () => {
  it('because a symbol was renamed ends in a table of asked against got', async () => {
    const klipper = await tree('klipper');
    await klipper.edit('src/Kconfig', /config STM32_CMENU_CANBUS_/g, 'config STM32_CANBUS_MENU_');
    await klipper.commitAll('rename');
    const error = await refusal(bench.service().build(request('klipper', klipper)));
    expect(error.code).toBe('build/config-refused');
    expect(error.message).toMatch(/STM32_CMENU_CANBUS_PD0_PD1 +y +not there +this source has no such symbol/);
    await expectNoTrace();
  });

  it('because a dependency is not met says so', async () => {
    const klipper = await tree('klipper');
    await klipper.edit('src/Kconfig', 'depends on !MACH_STM32F103', 'depends on MACH_STM32F103');
    await klipper.commitAll('break');
    const error = await refusal(bench.service().build(request('klipper', klipper)));
    expect(error.code).toBe('build/config-refused');
    expect(error.message).toMatch(/STM32_USBCANBUS_PA11_PA12 .* dropped: a dependency is not met/);
    expect(error.message).toMatch(/USBCANBUS +y \(follows\)/);
  });

  it('because it does not know the chip says that', async () => {
    const klipper = await tree('klipper');
    const unknown = { ...request('klipper', klipper), recipe: recipe({ mcu: 'stm32f405xx' }) };
    const error = await refusal(bench.service().build(unknown));
    expect(error.code).toBe('build/unknown-mcu');
    expect(error.message).toMatch(/no stm32f405xx \(no symbol MACH_STM32F405\)/);
    await expectNoTrace();
  });

  it('because its configuration tool fails says what it said', async () => {
    const klipper = await tree('klipper');
    await klipper.edit('src/Kconfig', 'endchoice', 'endchoic');
    await klipper.commitAll('break');
    const error = await refusal(bench.service().build(request('klipper', klipper)));
    expect(error.code).toBe('build/configure-failed');
    expect(error.message).toMatch(/Kconfig/);
    await expectNoTrace();
  });

  it('because it has no such offset says so in words, with the table', async () => {
    const katapult = await tree('katapult');
    const odd = { ...request('katapult', katapult), recipe: recipe({ applicationOffset: 0x10000 }) };
    const error = await refusal(bench.service().build(odd));
    expect(error).toMatchObject({
      code: 'build/not-offered',
      details: { missing: ['Katapult cannot start an application at 64 KiB on stm32f446xx'] },
    });
    expect(error.message).toMatch(/LAUNCH_APP_ADDRESS +0x8010000 \(follows\) +0x8008000/);
    expect(await codeOfRejection(bench.service().checkAll([odd]))).toBe('build/not-offered');
    await expectNoTrace();
  });
});

describe('a version that is known not to work on the chip', () => {
  /** With the symbol of before v0.11.0-21, and without CONFIG_USB. */
  async function oldKlipper(): Promise<SourceTree> {
    const klipper = await tree('klipper');
    for (const file of ['src/Kconfig', 'Makefile'])
      await klipper.edit(file, 'FLASH_APPLICATION_ADDRESS', 'FLASH_START');
    await klipper.commitAll('be old');
    return klipper;
  }

  it('is refused by its configuration if neither tag nor commit shows it', async () => {
    const klipper = await oldKlipper();
    const seen = recorder();
    const error = await refusal(bench.service().build(request('klipper', klipper), seen));
    expect(error).toMatchObject({
      code: 'build/known-fault',
      details: { from: 'v0.10.0-503-g790ff4d8d', fixedBy: 'v0.10.0-547-g6aec6efcc' },
    });
    expect(seen.phases()).not.toContain('compile');
    await expectNoTrace();
  });

  it('is built for other chips', async () => {
    const klipper = await oldKlipper();
    const f407 = recipe({ mcu: 'stm32f407xx', crystalHz: 8_000_000 });
    const { record } = await bench.service().build({ ...request('klipper', klipper), recipe: f407 });
    expect(record.info.applicationAddress).toBe(0x08008000);
  });
});

describe('a build that fails', () => {
  it('in the compiler ends with its errors, and its warnings are marked', async () => {
    const klipper = await tree('klipper');
    await klipper.edit('src/main.c', '{', '{\n    int unused;\n    this is no C;');
    await klipper.commitAll('break');
    const seen = recorder();
    const error = await refusal(bench.service().build(request('klipper', klipper), seen));
    expect(error.code).toBe('build/failed');
    expect(error.message).toMatch(/src\/main\.c:\d+:\d+: error: /);
    expect(
      seen
        .lines('warning')
        .map(({ text }) => text)
        .join(),
    ).toMatch(/unused/);
    expect(seen.lines('error').length).toBeGreaterThan(0);
    await expectNoTrace();
  });

  it('in the linker ends with what the linker missed', async () => {
    const klipper = await tree('klipper');
    await klipper.edit('src/main.c', '{', '{\n    void nowhere(void);\n    nowhere();');
    await klipper.commitAll('break');
    const error = await refusal(bench.service().build(request('klipper', klipper)));
    expect(error.code).toBe('build/failed');
    expect(error.message).toMatch(/undefined reference to `nowhere'/);
    expect(error.message).not.toMatch(/collect2/);
    await expectNoTrace();
  });

  it('in a tree with changes that are in no commit says that these may be why', async () => {
    const klipper = await tree('klipper');
    await klipper.edit('src/main.c', '{', '{\n    this is no C;');
    const error = await refusal(bench.service().build(request('klipper', klipper)));
    expect(error.code).toBe('build/failed-changed');
  });

  it('because its C library wants more than an old Klipper has says so', async () => {
    const klipper = await tree('klipper');
    const bin = await bench.standIns({
      'arm-none-eabi-gcc': [
        'case "$*" in *"klipper.elf"*) ;; *) exec /usr/bin/arm-none-eabi-gcc "$@" ;; esac',
        `echo "unwind-arm.c:(.text.get_eit_entry+0x94): undefined reference to \\\`__exidx_start'" >&2`,
        'echo "collect2: error: ld returned 1 exit status" >&2; exit 1',
      ].join('\n'),
    });
    const error = await refusal(bench.service(withPath(bin)).build(request('klipper', klipper)));
    expect(error.code).toBe('build/library-too-new');
    expect(error.message).toMatch(/__exidx_start/);
  });

  it('on a full disk is recognised by the disk', async () => {
    const bin = await bench.standIns({
      'arm-none-eabi-gcc':
        'case "$*" in *" -c "*) echo "cc1: No space" >&2; exit 1 ;; esac; exec /usr/bin/arm-none-eabi-gcc "$@"',
      df: 'echo "Filesystem 1024-blocks Used Available Capacity Mounted on"; echo "/dev/sda1 100000 99990 10 100% /"',
    });
    const error = await refusal(
      bench.service(withPath(bin)).build(request('klipper', await tree('klipper'))),
    );
    expect(error.code).toBe('file/disk-full');
    expect(error.message).toMatch(/10 KiB are left/);
    await expectNoTrace();
  });

  it('that makes nothing is named', async () => {
    const klipper = await tree('klipper');
    await klipper.write(
      'rules.mk',
      (await klipper.read('rules.mk')).replace(/^all:.*$/m, 'all: $(OUT)klipper.elf'),
    );
    await klipper.commitAll('break');
    expect(await codeOfRejection(bench.service().build(request('klipper', klipper)))).toBe('build/no-image');
  });

  it('that makes another image than was asked for is refused and not stored', async () => {
    const klipper = await tree('klipper');
    await klipper.edit('scripts/dictionary.py', 'config["MCU"]', '"stm32f407xx"');
    await klipper.commitAll('lie');
    const error = await refusal(bench.service().build(request('klipper', klipper)));
    expect(error.code).toBe('build/image-mismatch');
    expect(error.message).toMatch(/mcu: wanted stm32f446xx, the image says stm32f407xx/);
    await expectNoTrace();
  });
});

describe('a toolchain', () => {
  it('that is too old is refused before anything is built', async () => {
    const bin = await bench.standIns({
      'arm-none-eabi-gcc': 'echo "arm-none-eabi-gcc (old) 4.9.3 20150529"',
    });
    const error = await refusal(
      bench.service(withPath(bin)).build(request('klipper', await tree('klipper'))),
    );
    expect(error.code).toBe('toolchain/too-old');
    expect(error.message).toMatch(/version 4 .* 7 or newer is needed/);
    await expectNoTrace();
  });

  it('that is missing is named part by part, with the way to get it', async () => {
    const PATH = await bench.pathWithout('arm-none-eabi-gcc', 'arm-none-eabi-objcopy', 'make');
    const service = bench.service({ localEnvironment: { PATH } });
    const error = await refusal(service.build(request('klipper', await tree('klipper'))));
    expect(error.code).toBe('toolchain/missing');
    expect(error.details['missing']).toEqual([
      'arm-none-eabi-gcc',
      'arm-none-eabi-objcopy',
      'newlib',
      'make',
    ]);
    expect(error.details['advice']).toMatch(/apt install|Install/);
  });

  it('that changes makes new images under new keys', async () => {
    const klipper = await tree('klipper');
    const first = await bench.service().build(request('klipper', klipper));
    const bin = await bench.standIns({
      'arm-none-eabi-as':
        'case "$1" in --version) echo "GNU assembler 99" ;; *) exec /usr/bin/arm-none-eabi-as "$@" ;; esac',
    });
    const second = await bench.service(withPath(bin)).build(request('klipper', klipper));
    expect(second.record.key).not.toBe(first.record.key);
  });
});

describe('stopping a build', () => {
  const slowCompiler = {
    'arm-none-eabi-gcc':
      'case "$*" in *" -c "*) echo "  Slow compiler"; sleep 300 & sleep 300; wait ;; esac; exec /usr/bin/arm-none-eabi-gcc "$@"',
  };

  it('leaves no process and no folder', async () => {
    const bin = await bench.standIns(slowCompiler);
    const abort = new AbortController();
    const onEvent = (event: { type: string; text?: string }) => {
      if (event.text === '  Slow compiler') abort.abort();
    };
    const work = bench
      .service(withPath(bin))
      .build(request('klipper', await tree('klipper')), { signal: abort.signal, onEvent });
    expect(await codeOfRejection(work)).toBe('cancelled');
    await expectNoTrace();
  });

  it('in the time-out is named so', async () => {
    const bin = await bench.standIns(slowCompiler);
    const work = { ...request('klipper', await tree('klipper')), timeoutMs: 3_000 };
    expect((await refusal(bench.service(withPath(bin)).build(work))).code).toBe('build/timeout');
    await expectNoTrace();
  });

  it('for one of two who want it lets it go on for the other', async () => {
    const klipper = await tree('klipper');
    const service = bench.service();
    const abort = new AbortController();
    const onEvent = (event: { type: string }) => {
      if (event.type === 'log') abort.abort();
    };
    const leaves = codeOfRejection(
      service.build(request('klipper', klipper), { signal: abort.signal, onEvent }),
    );
    const stays = service.build(request('klipper', klipper));
    expect(await leaves).toBe('cancelled');
    expect((await stays).record.info.kind).toBe('klipper');
  });
});

describe('a request that makes no sense', () => {
  it('is refused by name', async () => {
    const klipper = await tree('klipper');
    const service = bench.service();
    const build = (change: object) =>
      codeOfRejection(service.build({ ...request('klipper', klipper), ...change }));
    expect(await build({ on: 'the moon' })).toBe('usage/invalid');
    expect(await build({ on: 'wsl' })).toBe('build/no-builder');
    expect(await build({ source: { type: 'folder', path: join(bench.folder, 'nothing') } })).toBe(
      'file/missing',
    );
    expect(await build({ source: { type: 'folder', path: bench.folder } })).toBe('source/not-firmware');
    expect(await build({ target: 'katapult' })).toBe('source/not-firmware');
  });

  it('in a folder that make cannot work in is refused', async () => {
    const cacheFolder = join(bench.folder, 'a cache');
    await using service = new FirmwareService({
      cacheFolder,
      openPi: () => Promise.reject(new Error('no Pi')),
    });
    expect(await codeOfRejection(service.build(request('klipper', await tree('klipper'))))).toBe(
      'build/bad-folder',
    );
  });
});
