import type { Command } from 'commander';
import { dataFolders } from '../../station/data-folders.ts';
import { openInBrowser } from '../headless/open-browser.ts';
import { defaultListen } from '../headless/listen-address.ts';
import type { CliContext, CliIo } from './context.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';
import { showRunning } from '../show-running.ts';
import { survivesClosedInput } from './process-end.ts';

interface ServeOptions extends StationOptions {
  readonly listen: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly open?: boolean;
}

export function registerServe(program: Command, context: CliContext): void {
  withStationOptions(program.command('serve'))
    .description('serve the station to a browser on this computer')
    .option('--listen <address>', 'address and port to listen on', defaultListen)
    .option('--tls-cert <file>', 'certificate, PEM; needed for addresses that others can reach')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--open', 'open the browser')
    .action((options: ServeOptions) => context.run(options, (io) => serve(options, io)));
}

async function serve(options: ServeOptions, io: CliIo): Promise<null> {
  if (await isShown(options, io)) return null;
  const [{ serveHeadless }, { openStation }] = await Promise.all([
    import('../headless.ts'),
    import('../../station.ts'),
  ]);
  await using station = await openStation({ sim: options.sim });
  await using host = await serveHeadless({
    station,
    sim: options.sim,
    listen: options.listen,
    tlsCertificate: options.tlsCert,
    tlsKey: options.tlsKey,
    dataFolder: options.data,
    commandWait: {
      signal: io.signal,
      onWait: (text) =>
        io.emit({ type: 'note', text }, () => `${text} Waiting until it has ended; Ctrl-C ends the wait.`),
    },
  });
  const tellLink = (): string => {
    const url = host.newLink();
    io.emit({ type: 'link', url }, () => `Open ${url}`);
    return url;
  };
  const url = tellLink();
  io.print('The link works once. Press Enter for a new one, Ctrl-C to end.');
  if (options.open === true) {
    if (!(await openInBrowser(url))) io.print('There is no browser to open here: open the link yourself.');
  }
  const onInput = (): void => void tellLink();
  survivesClosedInput();
  process.stdin.on('data', onInput);
  await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve(), { once: true }));
  process.stdin.off('data', onInput).pause();
  io.print('Ending; running work stops at its next safe point.');
  return null;
}

/** True if a window or another `serve` has the data folder already; it is shown, then. */
async function isShown({ data, sim, open }: ServeOptions, io: CliIo): Promise<boolean> {
  const shown = await showRunning(dataFolders(data), sim);
  if (shown === null) return false;
  const { pid, link } = shown;
  const where = link === null ? ' Its window was brought to the front.' : '';
  const text = `Canopus runs already, as process ${pid}.${where}`;
  io.emit({ type: 'note', text }, () => text);
  if (link !== null) {
    io.emit({ type: 'link', url: link }, () => `Open ${link}`);
    if (open === true) await openInBrowser(link);
  }
  return true;
}
