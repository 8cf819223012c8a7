import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, type TestProgram } from '../../main/firmware/run-program.ts';
import { sample } from '../../main/firmware/sample-record.ts';

/** A disk of its own for one program, in a namespace of its own: needs no rights, and is gone with the program. */
const script = `
  node=$1 program=$2 other=$3 disk=$4
  mount -t tmpfs -o size=3m canopus-test "$disk"
  "$node" "$program" "$other" "$disk" keep
  if [ "$5" = full ]; then dd if=/dev/zero of="$disk/filler" bs=4k 2>&1 | grep -q 'No space'
  else mount -o remount,ro "$disk"; fi
  "$node" "$program" "$other" "$disk" try
  if [ "$5" = full ]; then rm "$disk/filler"; else mount -o remount,rw "$disk"; fi
  exec "$node" "$program" "$other" "$disk" look`;

interface Result {
  readonly attempts: Record<string, readonly [string, string]>;
  /** What a window shows after the refusals. */
  readonly shown: string;
  readonly before: Record<string, unknown>;
  readonly imported: number;
  readonly runsAfter: number;
  readonly leftovers: readonly string[];
}

let program: TestProgram;
let folder: string;
beforeAll(async () => {
  program = await buildProgram(new URL('programs/no-room.ts', import.meta.url));
  folder = await mkdtemp(join(tmpdir(), 'canopus-disk-'));
});
afterAll(async () => {
  await program[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function onDisk(way: string): Promise<Result> {
  const disk = await mkdtemp(join(folder, 'disk-'));
  const other = await mkdtemp(join(folder, 'other-'));
  const words = ['-Urm', 'sh', '-ec', script, 'sh', process.execPath, program.path, other, disk, way];
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [tried, found] = out.split('\n');
  if (!found) throw new Error(`the program ended without a result: ${out}${said}`);
  return { ...(JSON.parse(tried ?? '') as Result), ...(JSON.parse(found) as Result) };
}

/** Some containers and kernels refuse namespaces to users. */
const hasNamespaces =
  spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'canopus-test', tmpdir()]).status === 0;

describe.skipIf(!hasNamespaces)('a disk that takes nothing more', () => {
  it.each([
    ['full', 'file/disk-full', /no space left|are free\.$/],
    ['read-only', 'file/unwritable', /EROFS/],
  ])(
    'because it is %s costs nothing that was kept, and each refusal is one sentence',
    async (way, code, words) => {
      const { attempts, shown, before, imported, runsAfter, leftovers } = await onDisk(way);
      for (const what of ['settings', 'list', 'import', 'file', 'backup']) {
        const [got, message] = attempts[what] ?? ['', ''];
        expect([what, got]).toEqual([what, code]);
        expect(message).toMatch(words);
        expect(message).not.toContain('\n');
      }
      expect(attempts['history']?.[0]).toMatch(/^history\//);
      // What is shown is what is kept.
      expect(shown).toBe('Ada');
      const { record } = await sample(1);
      expect(before).toEqual({
        ...{ operator: 'Ada', list: [{ id: 'first' }], images: [record.key], damaged: [] },
        ...{ runs: ['done'], unread: [] },
      });
      expect({ imported, runsAfter, leftovers }).toEqual({ imported: 1, runsAfter: 2, leftovers: [] });
    },
  );
});
