import { spawn } from 'node:child_process';

/** The command that opens a URL in the user's browser. */
function openCommand(url: string): readonly [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', url];
  // `start` would interpret &; rundll32 takes the URL literally.
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}

/** Asks the desktop to open a URL. Returns whether there was a program to ask. */
export function openInBrowser(url: string): Promise<boolean> {
  const [command, ...args] = openCommand(url);
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
