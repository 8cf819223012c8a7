import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxLineLength } from '../../app/transport/shell.ts';
import type { RunResult, Shell, ShellLine } from '../../app/transport/shell.ts';
import { codeOfRejection as codeOf } from '../error-code.ts';

/** A shell under test, with a folder on its machine that the suite may fill and that the caller removes. */
export interface ShellUnderTest {
  readonly shell: Shell;
  readonly folder: string;
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const timeoutMs = 20_000;

/** What every Shell must do, whatever machine is behind it. The machine needs `sh`, `cat`, `sleep` and `ls`. */
export function shellConformance(name: string, open: () => Promise<ShellUnderTest>): void {
  describe(`a Shell: ${name}`, () => {
    let shell: Shell;
    let folder: string;

    beforeAll(async () => ({ shell, folder } = await open()));
    afterAll(async () => {
      await shell.close();
    });

    const sh = (script: string, ...args: string[]): Promise<RunResult> =>
      shell.run({ argv: ['sh', '-c', script, 'sh', ...args] }, { timeoutMs });

    /** Waits until the command has said `ready` on standard output, then calls `then`. */
    const once = (word: string, then: () => void) => (line: ShellLine) => {
      if (line.text === word) then();
    };

    /** True while a process with this id is there and is not a zombie. */
    async function alive(pid: string): Promise<boolean> {
      const { stdout } = await sh('ps -o stat= -p "$1" 2>/dev/null || true', pid);
      return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
    }

    describe('running', () => {
      it('returns exit code, standard output and standard error', async () => {
        const result = await sh('echo out; echo err >&2; exit 7');
        expect(result).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n', truncated: false });
      });

      it('passes every word as it is: spaces, quotes, dollars, globs, newlines, nothing', async () => {
        const words = ['a b', "it's", '"', '$HOME', '*', '\\', 'a\nb', '', '-n', '`id`', ';', 'é'];
        const { stdout } = await sh('for word; do printf "<%s>" "$word"; done', ...words);
        expect(stdout).toBe(words.map((word) => `<${word}>`).join(''));
      });

      it('adds to the environment and keeps what was there', async () => {
        const { stdout } = await shell.run(
          {
            argv: ['sh', '-c', 'echo "$CANOPUS_A|$CANOPUS_B|${PATH:+path}"'],
            env: { CANOPUS_A: "x 'y'", CANOPUS_B: '' },
          },
          { timeoutMs },
        );
        expect(stdout).toBe("x 'y'||path\n");
      });

      it('feeds standard input and closes it', async () => {
        const { stdout } = await shell.run({ argv: ['cat'], stdin: utf8('one\ntwo') }, { timeoutMs });
        expect(stdout).toBe('one\ntwo');
      });

      it('gives a command without input an empty one', async () => {
        expect((await shell.run({ argv: ['cat'] }, { timeoutMs })).stdout).toBe('');
      });

      it('settles where the command ends without reading its input', async () => {
        const result = await shell.run({ argv: ['true'], stdin: new Uint8Array(1 << 20) }, { timeoutMs });
        expect(result.exitCode).toBe(0);
      });

      it('returns 127 for a missing program and 126 for one that may not be executed', async () => {
        expect((await shell.run({ argv: ['canopus-no-such-program'] }, { timeoutMs })).exitCode).toBe(127);
        const path = `${folder}/not-executable`;
        await shell.writeFile(path, utf8('#!/bin/sh\n'));
        expect((await shell.run({ argv: [path] }, { timeoutMs })).exitCode).toBe(126);
      });

      it('returns 128 + n for a command that signal n ended', async () => {
        expect((await sh('kill -KILL $$')).exitCode).toBe(137);
      });

      it('keeps the first captureBytes of a stream and says that there was more', async () => {
        const result = await shell.run(
          { argv: ['sh', '-c', 'i=0; while [ $i -lt 1000 ]; do echo 0123456789abcde; i=$((i+1)); done'] },
          { timeoutMs, captureBytes: 20 },
        );
        expect(result.stdout).toBe('0123456789abcde\n0123');
        expect(result.truncated).toBe(true);
      });

      it('ends a command that prints more than it may, where that is asked for', async () => {
        let pid: string | undefined;
        const run = shell.run(
          { argv: ['sh', '-c', 'echo $$; exec yes'] },
          {
            timeoutMs,
            captureBytes: 1 << 20,
            overflow: 'fail',
            onLine: ({ text: line }) => {
              pid ??= line;
            },
          },
        );
        expect(await codeOf(run)).toBe('shell/output-too-long');
        expect(pid).toMatch(/^\d+$/);
        expect(await alive(pid ?? '')).toBe(false);
      });

      it('takes a script and words of any length, and input behind them', async () => {
        const word = 'x'.repeat(50_000);
        const script = `${'# a long comment, as scripts have them\n'.repeat(1_000)}printf '%s ' "\${#1}" "\${#2}"; wc -c`;
        const { stdout } = await shell.run(
          { argv: ['sh', '-c', script, 'sh', word, word], stdin: new Uint8Array(300_000).fill(10) },
          { timeoutMs },
        );
        expect(stdout.replaceAll(/\s+/g, ' ')).toBe('50000 50000 300000 ');
      });

      it('runs several commands at once', async () => {
        const results = await Promise.all([1, 2, 3, 4, 5].map((n) => sh('echo $1', String(n))));
        expect(results.map((result) => result.stdout)).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n']);
      });
    });

    describe('lines', () => {
      async function linesOf(script: string): Promise<ShellLine[]> {
        const lines: ShellLine[] = [];
        await shell.run({ argv: ['sh', '-c', script] }, { timeoutMs, onLine: (line) => lines.push(line) });
        return lines;
      }

      it('come one by one, without their line ends, empty ones and an unfinished last one included', async () => {
        const lines = await linesOf("printf 'a\\r\\n\\nb\\nlast'");
        expect(lines).toEqual(['a', '', 'b', 'last'].map((line) => ({ stream: 'stdout', text: line })));
      });

      it('say which stream they came from', async () => {
        const lines = await linesOf('echo out; echo err >&2');
        expect(lines).toContainEqual({ stream: 'stdout', text: 'out' });
        expect(lines).toContainEqual({ stream: 'stderr', text: 'err' });
      });

      it('arrive while the command still runs', async () => {
        const abort = new AbortController();
        const run = shell.run(
          { argv: ['sh', '-c', 'echo ready; sleep 60'] },
          { timeoutMs, signal: abort.signal, onLine: once('ready', () => abort.abort()) },
        );
        expect(await codeOf(run)).toBe('cancelled');
      });

      it('put together characters that were cut between two writes', async () => {
        const lines = await linesOf("printf 'caf\\303'; sleep 0.1; printf '\\251\\n'");
        expect(lines).toEqual([{ stream: 'stdout', text: 'café' }]);
      });

      it('are cut where they never end', async () => {
        const lines = await linesOf(
          `i=0; while [ $i -lt 2000 ]; do printf 0123456789abcdef; i=$((i+1)); done; echo; echo b`,
        );
        expect(lines.map((line) => line.text.length)).toEqual([maxLineLength, 1]);
      });
    });

    describe('stopping', () => {
      /** Two generations of children, all identified by number, so that a survivor can be found. */
      const family = 'sleep 300 & echo "pid $!"; sh -c \'sleep 300 & echo "pid $!"; wait\' & echo "pid $!"; ';

      async function stopped(
        tail: string,
        stop: 'abort' | 'timeout' | 'none',
      ): Promise<{ code: string; pids: string[] }> {
        const abort = new AbortController();
        const pids: string[] = [];
        const run = shell.run(
          { argv: ['sh', '-c', `${family}${tail}`] },
          {
            timeoutMs: stop === 'timeout' ? 1_000 : timeoutMs,
            signal: abort.signal,
            onLine: ({ text: line }) => {
              if (!line.startsWith('pid ')) return;
              pids.push(line.slice(4));
              if (stop === 'abort' && pids.length === 3) abort.abort();
            },
          },
        );
        return { code: await codeOf(run), pids };
      }

      it('ends the whole process group when aborted', async () => {
        const { code, pids } = await stopped('wait', 'abort');
        expect(code).toBe('cancelled');
        expect(pids).toHaveLength(3);
        for (const pid of pids) expect(await alive(pid)).toBe(false);
      });

      it('ends a group that ignores SIGTERM', async () => {
        const { code, pids } = await stopped("trap '' TERM; wait; wait; while :; do sleep 1; done", 'abort');
        expect(code).toBe('cancelled');
        for (const pid of pids) expect(await alive(pid)).toBe(false);
      });

      it('ends the whole process group when the time is over', async () => {
        const { code, pids } = await stopped('wait', 'timeout');
        expect(code).toBe('shell/timeout');
        for (const pid of pids) expect(await alive(pid)).toBe(false);
      });

      it('ends what a command left in the background', async () => {
        const { code, pids } = await stopped('sleep 0.3', 'none');
        expect(code).toBe('no error');
        expect(pids).toHaveLength(3);
        for (const pid of pids) expect(await alive(pid)).toBe(false);
      });

      it('does not start a command whose signal was aborted before', async () => {
        const marker = `${folder}/must-not-appear`;
        const run = shell.run({ argv: ['touch', marker] }, { timeoutMs, signal: AbortSignal.abort() });
        expect(await codeOf(run)).toBe('cancelled');
        expect(await codeOf(shell.readFile(marker, { maxBytes: 1 }))).toBe('file/missing');
      });

      it('leaves other commands alone', async () => {
        const abort = new AbortController();
        const other = shell.run({ argv: ['sh', '-c', 'sleep 0.5; echo done'] }, { timeoutMs });
        const run = shell.run(
          { argv: ['sh', '-c', 'echo ready; sleep 60'] },
          { timeoutMs, signal: abort.signal, onLine: once('ready', () => abort.abort()) },
        );
        expect(await codeOf(run)).toBe('cancelled');
        expect((await other).stdout).toBe('done\n');
      });
    });

    describe('files', () => {
      it('come back byte for byte, empty and large', async () => {
        const large = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
        for (const bytes of [new Uint8Array(), large]) {
          await shell.writeFile(`${folder}/bytes`, bytes);
          const back = await shell.readFile(`${folder}/bytes`, { maxBytes: 3_000_000 });
          expect(Buffer.compare(back, bytes)).toBe(0);
        }
      });

      it('are replaced whole, with the mode that was asked for', async () => {
        const path = `${folder}/replaced file`;
        await shell.writeFile(path, utf8('old and longer'));
        await shell.writeFile(path, utf8('new'), { mode: 0o600 });
        expect(text(await shell.readFile(path, { maxBytes: 100 }))).toBe('new');
        expect((await sh('ls -l "$1"', path)).stdout.slice(0, 10)).toBe('-rw-------');
      });

      it('leave nothing else in the folder', async () => {
        await shell.makeFolder(`${folder}/alone`);
        await shell.writeFile(`${folder}/alone/a`, utf8('a'));
        await codeOf(shell.writeFile(`${folder}/alone/b`, utf8('b'), { signal: AbortSignal.abort() }));
        expect((await sh('ls -A "$1"', `${folder}/alone`)).stdout).toBe('a\n');
      });

      it('that are missing, too long or in no folder end in a named error', async () => {
        await shell.writeFile(`${folder}/ten`, utf8('0123456789'));
        expect(await codeOf(shell.readFile(`${folder}/nothing`, { maxBytes: 10 }))).toBe('file/missing');
        expect(await codeOf(shell.readFile(`${folder}/ten`, { maxBytes: 9 }))).toBe('file/unreadable');
        expect(await codeOf(shell.readFile(folder, { maxBytes: 9 }))).toBe('file/unreadable');
        expect(await codeOf(shell.writeFile(`${folder}/no/such/folder`, utf8('x')))).toBe('file/missing');
        expect(await codeOf(shell.writeFile(`${folder}/ten/file`, utf8('x')))).not.toBe('no error');
      });

      it('folders are made with their parents, twice is fine', async () => {
        await shell.makeFolder(`${folder}/a b/c/d`);
        await shell.makeFolder(`${folder}/a b/c/d`);
        await shell.writeFile(`${folder}/a b/c/d/file`, utf8('deep'));
        expect(text(await shell.readFile(`${folder}/a b/c/d/file`, { maxBytes: 10 }))).toBe('deep');
      });

      it('are removed with what is in them, and links are not followed', async () => {
        await shell.makeFolder(`${folder}/tree/sub`);
        await shell.makeFolder(`${folder}/kept`);
        await shell.writeFile(`${folder}/kept/file`, utf8('kept'));
        await sh('ln -s "$1/kept" "$1/tree/sub/link"', folder);
        await shell.remove(`${folder}/tree`);
        await shell.remove(`${folder}/tree`);
        expect(await codeOf(shell.readFile(`${folder}/tree/sub/link/file`, { maxBytes: 10 }))).toBe(
          'file/missing',
        );
        expect(text(await shell.readFile(`${folder}/kept/file`, { maxBytes: 10 }))).toBe('kept');
      });
    });

    it('refuses everything after close', async () => {
      const { shell: second, folder: its } = await open();
      await second.close();
      await second.close();
      expect(await codeOf(second.run({ argv: ['true'] }, { timeoutMs }))).toBe('shell/closed');
      expect(await codeOf(second.readFile(`${its}/x`, { maxBytes: 1 }))).toBe('shell/closed');
      expect(await codeOf(second.writeFile(`${its}/x`, utf8('x')))).toBe('shell/closed');
    });

    it('ends what runs when it is closed', async () => {
      const { shell: second } = await open();
      let run: Promise<string> | undefined;
      const pid = await new Promise<string>((started) => {
        run = codeOf(
          second.run(
            { argv: ['sh', '-c', 'echo $$; exec sleep 300'] },
            { timeoutMs, onLine: (line) => started(line.text) },
          ),
        );
      });
      await second.close();
      expect(await run).toBe('shell/closed');
      expect(await alive(pid)).toBe(false);
    });
  });
}
