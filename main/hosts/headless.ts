import { readFile } from 'node:fs/promises';
import type { Served } from '../../app/contract/server.ts';
import type { TextLink } from '../../app/contract/text-link.ts';
import { CanopusError } from '../../app/errors.ts';
import type { Station } from '../station.ts';
import { dataFolders } from '../station/data-folders.ts';
import type { HostFeatures } from '../station/host-features.ts';
import { openSharedStation } from '../station/open-shared-station.ts';
import { openHeadlessHost, type HeadlessHost } from './headless/headless-host.ts';
import { parseListen } from './headless/listen-address.ts';
import { logCrashes } from './crashes.ts';
import { internalLog, openHostLog } from './host-log.ts';
import { stayAwakeWhileWorking } from './keep-awake.ts';
import { serveStation, silentUntil } from './serve-station.ts';
import { loadRendererFiles, ownRendererFiles } from './renderer-files.ts';

/** How long another window or server may take to end. */
const otherStationMs = 5_000;

/** A browser has its own menu and its own dialogs. */
const headlessFeatures: HostFeatures = {
  name: 'headless',
  events: (signal) => silentUntil(signal),
  chooseFolder: null,
  show: null,
  updates: null,
};

export interface HeadlessStationOptions {
  /** The host does not close it. */
  readonly station: Station;
  /** The bench file that `station` was opened with. */
  readonly sim?: string | undefined;
  readonly listen: string;
  readonly tlsCertificate?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** See `openSharedStation`. */
  readonly commandWait?: Parameters<typeof openSharedStation>[0]['commandWait'];
  /** Folder for cache, flows and log, instead of the user's own. */
  readonly dataFolder?: string | undefined;
  /** The built renderer; by default beside the program. */
  readonly rendererFolder?: string | undefined;
}

/** Serves a station to browsers until it is closed; closing it ends running work at its next safe point. */
export async function serveHeadless(
  options: HeadlessStationOptions,
): Promise<HeadlessHost & { readonly logFile: string }> {
  const { station } = options;
  const listen = parseListen(options.listen);
  const tls = await readTls(options);
  const files = await (options.rendererFolder === undefined
    ? ownRendererFiles()
    : loadRendererFiles(options.rendererFolder));
  const folders = dataFolders(options.dataFolder);
  const log = openHostLog(folders.log);
  const shared = await openSharedStation({
    ...{
      openStation: () => Promise.resolve(station),
      folders,
      log: internalLog(log),
      host: 'headless',
      sim: options.sim,
    },
    waitMs: otherStationMs,
    ...(options.commandWait === undefined ? {} : { commandWait: options.commandWait }),
  });
  const serve = (link: TextLink): Served => serveStation(shared, headlessFeatures, link, log);
  try {
    const host = await openHeadlessHost({
      listen,
      tls,
      files,
      log,
      clock: station.clock,
      serve,
    });
    const forStarts: HostFeatures = { ...headlessFeatures, show: () => host.newLink() };
    await shared.share((link) => serveStation(shared, forStarts, link, log));
    const ended = new AbortController();
    const ignoreCrashes = logCrashes(log);
    stayAwakeWhileWorking({ jobs: shared.services.jobs.overview(ended.signal), log }).catch((err: unknown) =>
      log.error({ err }, 'the computer is no longer kept awake'),
    );
    return {
      address: host.address,
      logFile: log.file,
      newLink: () => host.newLink(),
      get windows() {
        return host.windows;
      },
      async [Symbol.asyncDispose]() {
        await host[Symbol.asyncDispose]();
        await shared[Symbol.asyncDispose]();
        // Until here a write may still have been on its way to a safe point.
        ended.abort();
        ignoreCrashes();
      },
    };
  } catch (error) {
    await shared[Symbol.asyncDispose]();
    throw error;
  }
}

async function readTls({
  tlsCertificate,
  tlsKey,
}: HeadlessStationOptions): Promise<{ certificate: string; key: string } | null> {
  if (tlsCertificate === undefined && tlsKey === undefined) return null;
  if (tlsCertificate === undefined || tlsKey === undefined) {
    throw new CanopusError('usage/invalid', '--tls-cert and --tls-key belong together.');
  }
  const [certificate, key] = await Promise.all([readPem(tlsCertificate), readPem(tlsKey)]);
  return { certificate, key };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CanopusError('file/unreadable', `${file} cannot be read.`, { file }, { cause });
  }
}
