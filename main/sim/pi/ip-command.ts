import type { CommandResult } from '../../../app/pi/pi-host.ts';
import type { CanLinks } from './can-links.ts';

export const succeeded: CommandResult = { exitCode: 0, output: '' };

export function failed(exitCode: number, output: string): CommandResult {
  return { exitCode, output };
}

/** `ip link set [dev] NAME ...` (ip-link(8)); several settings in one call apply in order. */
export function runIp(words: readonly string[], links: CanLinks): CommandResult {
  const [object, verb, ...more] = words;
  const [name = '', ...settings] = more[0] === 'dev' ? more.slice(1) : more;
  if (object !== 'link' || verb !== 'set') return failed(255, `ip ${words.join(' ')} is not known here`);
  if (links.get(name) === null) return failed(1, `Cannot find device "${name}"`);
  for (let at = 0; at < settings.length; at += 1) {
    const [setting, value = ''] = settings.slice(at);
    let done: boolean;
    switch (setting) {
      case 'up':
      case 'down':
        done = links.setUp(name, setting === 'up');
        break;
      case 'txqueuelen':
        done = links.setQueueLength(name, Number(value));
        at += 1;
        break;
      case 'bitrate':
        done = links.setBitrate(name, Number(value));
        at += 1;
        break;
      case 'type':
        done = value === 'can';
        at += 1;
        break;
      default:
        return failed(255, `"${setting ?? ''}" is not known here`);
    }
    if (!done) return failed(2, `the kernel refused "${setting} ${value}"`);
  }
  return succeeded;
}
