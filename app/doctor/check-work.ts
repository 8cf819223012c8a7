import { gccMajor, installAdvice, oldestGccMajor } from '../build/toolchain.ts';
import type { HostCheck } from './host-check.ts';
import type { HostFacts } from './host-facts.ts';

/** Klipper's sources with their history, a build and a cache of images. */
const wantedFreeBytes = 1_000_000_000;

export function checkToolchain({ toolchain, platform }: HostFacts): HostCheck {
  const question = 'Can firmware be built on this computer?';
  const why = 'Only building needs it: images can also be built on the Pi, or imported as files.';
  if (toolchain === null) {
    const isWindows = platform === 'win32';
    return {
      id: 'toolchain',
      question,
      verdict: 'unknown',
      answer: isWindows ? 'Not on Windows itself.' : 'It could not be found out.',
      why,
      fix: isWindows
        ? { text: 'Build in WSL (build on "wsl") or on the Pi ("pi:USER@HOST").', command: null }
        : null,
    };
  }
  const gcc = toolchain.tools.find(({ name }) => name === 'arm-none-eabi-gcc');
  const major = gcc === undefined ? null : gccMajor(gcc.version);
  const isOld = gcc !== undefined && (major === null || major < oldestGccMajor);
  const isFine = toolchain.missing.length === 0 && !isOld;
  const advice = installAdvice(toolchain);
  const [text = '', command = null] = advice.startsWith('Install with: ')
    ? ['Install it with:', advice.slice('Install with: '.length)]
    : [advice];
  return {
    id: 'toolchain',
    question,
    verdict: isFine ? 'fine' : 'look',
    answer: isFine
      ? `Yes: ${gcc?.version ?? ''}.`
      : isOld
        ? `The compiler is too old: ${gcc.version}.`
        : `Not installed: ${toolchain.missing.join(', ')}.`,
    why,
    fix: isFine ? null : { text, command },
  };
}

export function checkFolders({ data, cache }: HostFacts): HostCheck {
  const isTight = cache.freeBytes !== null && cache.freeBytes < wantedFreeBytes;
  const free = cache.freeBytes === null ? '' : `, ${(cache.freeBytes / 1e9).toFixed(1)} GB free`;
  return {
    id: 'folders',
    question: 'Can Canopus store its data?',
    verdict: !data.isWritable ? 'wrong' : isTight ? 'look' : 'fine',
    answer: data.isWritable ? `Yes, in ${data.folder}${free}.` : `${data.folder} cannot be written.`,
    why: 'History, settings and images are kept there.',
    fix: !data.isWritable
      ? { text: 'Make the folder writable for this user, or free space on its disk.', command: null }
      : isTight
        ? { text: `Free some space on the disk of ${cache.folder}.`, command: null }
        : null,
  };
}

export function checkSecrets({ secrets }: HostFacts): HostCheck | null {
  if (secrets === null) return null;
  return {
    id: 'secrets',
    question: 'Are passwords for Pis stored safely?',
    verdict: 'fine',
    answer:
      secrets === 'os'
        ? "Yes, encrypted with a key of the operating system's key store."
        : 'Yes, in memory only: after a restart you are asked again.',
    why: 'They are never written to a file that can be read without the key store.',
    fix: null,
  };
}
