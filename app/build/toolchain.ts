import { CanopusError } from '../errors.ts';

/** What a build needs on its machine. `newlib` is the C library that both firmwares link. */
export const toolNames = [
  'arm-none-eabi-gcc',
  'arm-none-eabi-objcopy',
  'newlib',
  'make',
  'python3',
  'git',
] as const;

export type ToolName = (typeof toolNames)[number];

export interface Tool {
  readonly name: ToolName;
  readonly path: string;
  /** The first line of the tool's `--version` output; for newlib, the library's content id. */
  readonly version: string;
}

/** The tools found on one machine. */
export interface Toolchain {
  readonly tools: readonly Tool[];
  readonly missing: readonly ToolName[];
  /** The output of `uname -s`: `Linux`, `Darwin`. */
  readonly system: string;
  /** ID and ID_LIKE of /etc/os-release: `['raspbian', 'debian']`; empty elsewhere. */
  readonly distribution: readonly string[];
  readonly cores: number;
  /**
   * Everything that can change a byte of an image: compiler, binutils, the C libraries' content, Python's zlib (it
   * packs Klipper's dictionary). Two machines with the same identity make the same images.
   */
  readonly identity: string;
}

/**
 * The oldest accepted compiler. GCC 6.3 as packaged in Ubuntu 18.04 links wrong code (Klipper's scripts/check-gcc.sh,
 * Launchpad bug 1767223); the next that a distribution shipped is 7 (Debian 10).
 */
export const oldestGccMajor = 7;

/** The major version in `arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205`; null if there is none. */
export function gccMajor(versionLine: string): number | null {
  // The text in brackets is the packager's version, which may be anything.
  const [, major] = /(?:^|\s)(\d+)\.\d+(?:\.\d+)?(?=\s|$)/.exec(versionLine.replace(/\([^)]*\)/g, ' ')) ?? [];
  return major === undefined ? null : Number(major);
}

/** Throws `toolchain/missing` or `toolchain/too-old`; the details say how to install what is missing. */
export function requireToolchain(toolchain: Toolchain, machine: string): void {
  const advice = installAdvice(toolchain);
  const gcc = toolchain.tools.find((tool) => tool.name === 'arm-none-eabi-gcc');
  const major = gcc === undefined ? null : gccMajor(gcc.version);
  // First, because the parts of an old compiler are replaced together with it.
  if (gcc !== undefined && (major === null || major < oldestGccMajor)) {
    const what = major === null ? 'a version that cannot be read' : `version ${major}`;
    const message = `${gcc.path} on ${machine} is ${what} ("${gcc.version}"), ${oldestGccMajor} or newer is needed. ${advice}`;
    const details = { machine, version: gcc.version, oldest: oldestGccMajor, advice };
    throw new CanopusError('toolchain/too-old', message, details);
  }
  if (toolchain.missing.length === 0) return;
  const message = `${machine} has no ${toolchain.missing.join(', ')}. ${advice}`;
  throw new CanopusError('toolchain/missing', message, { machine, missing: [...toolchain.missing], advice });
}

/** How to install a whole toolchain on this system, as one sentence with a command. */
export function installAdvice(toolchain: Pick<Toolchain, 'system' | 'distribution'>): string {
  if (toolchain.system === 'Darwin') {
    return 'Install with: xcode-select --install; brew install --cask gcc-arm-embedded';
  }
  const is = (...names: string[]) => names.some((name) => toolchain.distribution.includes(name));
  if (is('debian', 'ubuntu', 'raspbian')) {
    return 'Install with: sudo apt install gcc-arm-none-eabi binutils-arm-none-eabi libnewlib-arm-none-eabi make python3 git';
  }
  if (is('fedora', 'rhel')) {
    return 'Install with: sudo dnf install arm-none-eabi-gcc-cs arm-none-eabi-binutils-cs arm-none-eabi-newlib make python3 git';
  }
  if (is('arch')) {
    return 'Install with: sudo pacman -S arm-none-eabi-gcc arm-none-eabi-binutils arm-none-eabi-newlib make python git';
  }
  return 'Install the GNU Arm embedded toolchain (arm-none-eabi-gcc with newlib), make, python3 and git.';
}
