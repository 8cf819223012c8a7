import { describe, expect, it } from 'vitest';
import { levelOfLine } from '../../../app/build/compiler-line.ts';

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
    ['  Compiling out/src/error_handler.o', 'plain'],
    ['  Compiling out/src/warning.o', 'plain'],
    ['src/main.c: In function ‘main’:', 'plain'],
    ['', 'plain'],
  ])('%s', (text, level) => {
    expect(levelOfLine(text)).toBe(level);
  });
});
