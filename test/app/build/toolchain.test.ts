import { describe, expect, it } from 'vitest';
import { gccMajor, installAdvice, requireToolchain } from '../../../app/build/toolchain.ts';
import type { Toolchain } from '../../../app/build/toolchain.ts';
import { codeOf } from '../../error-code.ts';

function toolchain(gccVersion: string, missing: Toolchain['missing'] = []): Toolchain {
  return {
    tools: [{ name: 'arm-none-eabi-gcc', path: '/usr/bin/arm-none-eabi-gcc', version: gccVersion }],
    missing,
    system: 'Linux',
    distribution: ['raspbian', 'debian'],
    cores: 4,
    identity: 'x',
  };
}

describe('the toolchain', () => {
  it.each([
    ['arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205', 12],
    ['arm-none-eabi-gcc (15:8-2019-q3-1+b1) 8.3.1 20190703 (release) [gcc-8-branch revision 273027]', 8],
    ['arm-none-eabi-gcc (Arm GNU Toolchain 13.3.Rel1 (Build arm-13.24)) 13.3.1 20240614', 13],
    ['arm-none-eabi-gcc (Fedora 14.1.0-1.fc41) 14.1.0', 14],
    ['arm-none-eabi-gcc (GCC) 4.9.3', 4],
    ['nonsense', null],
  ])('%s is major version %s', (line, major) => {
    expect(gccMajor(line)).toBe(major);
  });

  it('with a current compiler is good', () => {
    expect(codeOf(() => requireToolchain(toolchain('arm-none-eabi-gcc (x) 7.3.1 2018'), 'the Pi'))).toBe(
      'no error',
    );
  });

  it('that is too old or cannot be read is refused', () => {
    expect(codeOf(() => requireToolchain(toolchain('arm-none-eabi-gcc (x) 6.3.1 2017'), 'the Pi'))).toBe(
      'toolchain/too-old',
    );
    expect(codeOf(() => requireToolchain(toolchain('?'), 'the Pi'))).toBe('toolchain/too-old');
  });

  it('with tools missing is refused, naming each and how to get them on this system', () => {
    const work = () => requireToolchain(toolchain('x 12.2.1', ['newlib', 'make']), 'pi@voron.local');
    expect(codeOf(work)).toBe('toolchain/missing');
    expect(work).toThrow(/pi@voron.local has no newlib, make.*sudo apt install .*libnewlib-arm-none-eabi/);
  });

  it('is installed differently on each system', () => {
    const advice = [
      { system: 'Darwin', distribution: [] },
      { system: 'Linux', distribution: ['fedora'] },
      { system: 'Linux', distribution: ['arch'] },
      { system: 'Linux', distribution: ['void'] },
    ].map(installAdvice);
    expect(advice.map((text) => /brew|dnf|pacman|GNU Arm/.exec(text)?.[0])).toEqual([
      'brew',
      'dnf',
      'pacman',
      'GNU Arm',
    ]);
  });
});
