import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { factsScript, rootFilesScript } from '../../../app/pi/facts-script.ts';
import type { PiFacts } from '../../../app/pi/facts.ts';
import { parseFacts, parseRootFiles, type RootFiles } from '../../../app/pi/parse-facts.ts';
import { parseReport } from '../../../app/pi/report.ts';
import { startedWord } from '../../../app/pi/step-scripts.ts';
import { expect } from 'vitest';
import { essentials, linkPrograms } from '../link-programs.ts';

/** A folder that is shaped like a Pi, to be looked at by the real script in a real shell, without SSH between. */
export interface FactsFolder extends AsyncDisposable {
  at(path: string): string;
  /** `AT` in a text stands for the folder: programs and units name whole paths. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  link(path: string, target: string): Promise<void>;
  /** A process by its command line. */
  process(pid: number, words: readonly string[], unit?: string): Promise<void>;
  /** What the script for root sends of these paths, of this machine. */
  readAsRoot(paths: readonly string[], shell?: readonly string[]): Promise<RootFiles>;
  look(options?: {
    configPath?: string;
    shell?: readonly string[];
    home?: string;
    /** A folder of stand-ins, looked into before Debian's essential tools. */
    path?: string;
  }): Promise<PiFacts>;
}

export async function makeFactsFolder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<FactsFolder> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'canopus-facts-')));
  const at = (path: string): string => join(root, path);
  const tools = at('/tools');
  await mkdir(tools);
  await linkPrograms([...essentials, 'id', 'busybox', 'git'], tools);
  const folder: FactsFolder = {
    at,
    write: async (all) => {
      for (const [path, content] of Object.entries(all)) {
        await mkdir(dirname(at(path)), { recursive: true });
        await writeFile(
          at(path),
          typeof content === 'string' ? content.replaceAll('AT/', `${root}/`) : content,
        );
      }
    },
    link: async (path, target) => {
      await mkdir(dirname(at(path)), { recursive: true });
      await symlink(target, at(path));
    },
    process: (pid, words, unit) =>
      folder.write({
        [`/proc/${pid}/cmdline`]: `${words.join('\0')}\0`,
        [`/proc/${pid}/cgroup`]: unit === undefined ? '0::/user.slice\n' : `0::/system.slice/${unit}\n`,
      }),
    look: async ({ configPath = '', shell = ['sh'], home = '/home/pi', path } = {}) => {
      const [program = 'sh', ...args] = shell;
      const env = {
        CANOPUS_ROOT: root,
        HOME: at(home),
        PATH: path === undefined ? tools : `${path}:${tools}`,
      };
      const stdout = await outputOf(program, [...args, '-c', factsScript, 'sh', 'nonce', configPath], env);
      return parseFacts(parseReport(stdout, 'nonce'));
    },
    readAsRoot: async (paths, [program = 'sh', ...args] = ['sh']) => {
      const words = [...args, '-c', rootFilesScript, 'sh', 'nonce', root, ...paths];
      const stdout = await outputOf(program, words, { PATH: tools });
      expect(stdout.startsWith(`${startedWord}\n`)).toBe(true);
      return parseRootFiles(parseReport(stdout, 'nonce'));
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
  await folder.write({ '/home/pi/.keep': '', ...files });
  return folder;
}

function outputOf(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    execFile(program, args, { env, maxBuffer: 1 << 28 }, (error, text, complaints) => {
      if (error !== null) reject(new Error(complaints, { cause: error }));
      // A complaint of the shell is a fault of the script.
      else if (/syntax|not found|bad /i.test(complaints)) reject(new Error(complaints));
      else resolve(text);
    });
  });
}
