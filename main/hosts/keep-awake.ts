import { spawn } from 'node:child_process';
import { itemsOf, type TableEvent } from '../../app/contract/live-table.ts';
import type { JobView } from '../../app/contract/station-contract.ts';
import type { HostLog } from './host-log.ts';

type Command = readonly [string, ...string[]];

/**
 * The program that keeps this computer from falling asleep while it runs. Each ends with this process, also when that is
 * killed: two wait for the end of their standard input, one watches the process.
 */
export function awakeCommand(platform: NodeJS.Platform, pid: number): Command | null {
  switch (platform) {
    case 'linux':
      // systemd-inhibit(1) holds its lock as long as the command runs.
      return [
        'systemd-inhibit',
        '--what=sleep:idle',
        '--who=Canopus',
        '--why=A job is running',
        '--mode=block',
        'cat',
      ];
    case 'darwin':
      // caffeinate(8): -i no idle sleep, -w until that process ends.
      return ['caffeinate', '-i', '-w', String(pid)];
    case 'win32':
      return ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', windowsScript];
    default:
      return null;
  }
}

/**
 * ES_CONTINUOUS with ES_SYSTEM_REQUIRED, in force as long as the thread lives (Win32, SetThreadExecutionState). The value
 * is 0x80000001, which PowerShell reads as a negative number.
 */
const windowsScript = [
  '$k = Add-Type -PassThru -Namespace Canopus -Name Power -MemberDefinition',
  `'[DllImport("kernel32.dll")] public static extern uint SetThreadExecutionState(uint flags);';`,
  '[void]$k::SetThreadExecutionState([uint32]2147483649);',
  '[void][Console]::In.ReadToEnd()',
].join(' ');

/** Starts that program. Returns what ends it; a computer without it is not kept awake, and the log says so. */
function keepAwake(log: HostLog): () => void {
  const command = awakeCommand(process.platform, process.pid);
  if (command === null) return () => undefined;
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], windowsHide: true });
  let isWanted = true;
  child.on('error', (err) => log.info({ err }, 'this computer may fall asleep while it works'));
  child.on('exit', (code) => {
    if (isWanted) log.info({ program, code }, 'this computer may fall asleep while it works');
  });
  child.stdin.on('error', () => undefined);
  child.unref();
  return () => {
    isWanted = false;
    child.stdin.end();
    child.kill();
  };
}

interface AwakeOptions {
  readonly jobs: AsyncIterable<TableEvent<JobView>>;
  readonly log: HostLog;
  /** Only in tests another one. */
  readonly keep?: (log: HostLog) => () => void;
}

/** Keeps the computer awake while any job runs, until the table of jobs ends. The desktop does that by Electron. */
export async function stayAwakeWhileWorking({ jobs, log, keep = keepAwake }: AwakeOptions): Promise<void> {
  const running = new Set<string>();
  let letSleep: (() => void) | null = null;
  try {
    for await (const event of jobs) {
      for (const { id, endedAt } of itemsOf(event)) {
        if (endedAt === null) running.add(id);
        else running.delete(id);
      }
      if (event.type === 'gone') running.delete(event.id);
      if (running.size > 0) letSleep ??= keep(log);
      else {
        letSleep?.();
        letSleep = null;
      }
    }
  } finally {
    letSleep?.();
  }
}
