import { describe, expect, it } from 'vitest';
import { causesOf, isNewlibTooNew, levelOfLine } from '../../../app/build/compiler-line.ts';

describe('a line of compiler output', () => {
  it.each([
    ['src/main.c:12:5: warning: unused variable ‘x’ [-Wunused-variable]', 'warning'],
    ['/usr/bin/arm-none-eabi-ld: warning: out/x.elf has a LOAD segment with RWX permissions', 'warning'],
    ['Makefile:12: warning: overriding recipe for target', 'warning'],
    ['src/main.c:3:10: fatal error: nothing.h: No such file or directory', 'error'],
    ['src/main.c:3:10: error: expected ‘;’', 'error'],
    ['make: *** [Makefile:72: out/src/main.o] Error 1', 'error'],
    ['make[1]: *** [x] Error 1', 'error'],
    ["ModuleNotFoundError: No module named 'kconfiglib'", 'error'],
    [
      "/usr/lib/gcc/arm-none-eabi/14.2.1/../../../arm-none-eabi/bin/ld: /usr/lib/gcc/arm-none-eabi/14.2.1/thumb/v7e-m+fp/hard/libgcc.a(unwind-arm.o): in function `get_eit_entry':",
      'error',
    ],
    ["unwind-arm.c:(.text.get_eit_entry+0x94): undefined reference to `__exidx_start'", 'error'],
    [
      "/usr/bin/arm-none-eabi-ld: out/src/b.o:/tmp/b.c:1: multiple definition of `twice'; out/src/a.o:/tmp/a.c:1: first defined here",
      'error',
    ],
    ["/usr/bin/arm-none-eabi-ld: out/x.elf section `.text' will not fit in region `rom'", 'error'],
    ["/usr/bin/arm-none-eabi-ld: region `rom' overflowed by 1312 bytes", 'error'],
    ['/usr/bin/arm-none-eabi-ld: cannot find -lc_nano: No such file or directory', 'error'],
    ['/usr/bin/arm-none-eabi-ld.bfd: cannot find crt0.o', 'error'],
    ['  Compiling out/src/multiple.o', 'plain'],
    ['  Linking out/klipper.elf', 'plain'],
    ['  Compiling out/src/error_handler.o', 'plain'],
    ['  Compiling out/src/warning.o', 'plain'],
    ['src/main.c: In function ‘main’:', 'plain'],
    ['', 'plain'],
  ])('%s', (text, level) => {
    expect(levelOfLine(text)).toBe(level);
  });
});

const link = [
  "/usr/bin/ld: /usr/lib/libgcc.a(unwind-arm.o): in function `get_eit_entry':",
  "unwind-arm.c:(.text.get_eit_entry+0x94): undefined reference to `__exidx_start'",
  "/usr/bin/ld: unwind-arm.c:(.text.get_eit_entry+0x98): undefined reference to `__exidx_end'",
  'collect2: error: ld returned 1 exit status',
  'make: *** [Makefile:72: out/klipper.elf] Error 1',
];

describe('the causes of a failed build', () => {
  it('leave out what only follows from them', () => {
    expect(causesOf(link, 5)).toEqual(link.slice(0, 3));
    expect(causesOf(link, 2)).toEqual(link.slice(0, 2));
  });

  it('are what follows, where nothing else is known', () => {
    expect(causesOf(link.slice(3), 5)).toEqual(link.slice(3));
  });
});

describe('a C library that is newer than the sources', () => {
  it('is recognised by the symbols that it misses', () => {
    expect(isNewlibTooNew(link)).toBe(true);
    const setjmp =
      "libc_nano.a(libc_a-setjmp.o):(.ARM.exidx+0x0): undefined reference to `__aeabi_unwind_cpp_pr0'";
    expect(isNewlibTooNew([setjmp])).toBe(true);
  });

  it('is not suspected for any other missing symbol', () => {
    expect(isNewlibTooNew(["main.o: undefined reference to `command_exidx_start'"])).toBe(false);
    expect(isNewlibTooNew(link.slice(3))).toBe(false);
  });
});
