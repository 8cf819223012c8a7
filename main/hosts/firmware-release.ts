import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseFirmwareSource, type FirmwareSource } from '../../app/build/firmware-source.ts';
import { releaseOrders } from '../../app/updates/release-orders.ts';
import { FirmwareService } from '../firmware/firmware-service.ts';
import { outputTo } from './cli/output.ts';
import { makeReleaseBundle } from '../firmware/release-bundle.ts';
import { loadPresets } from '../presets.ts';
import { canopusVersion } from '../version.ts';

const usage = `usage: npm run release:firmware -- --katapult URL@COMMIT --klipper URL@COMMIT [--folder dist] [--version VERSION] [--only PRESET]...
Builds the firmware of every preset, or of those named, and puts it into one bundle (docs/releases.md).
`;

type GitSource = Extract<FirmwareSource, { type: 'git' }>;

function gitSource(text: string): GitSource {
  const source = parseFirmwareSource(text);
  if (source.type === 'git') return source;
  throw new Error(`${text} is not a URL@COMMIT that others can fetch`);
}

const output = outputTo(process, false);
const { values } = parseArgs({
  options: {
    katapult: { type: 'string' },
    klipper: { type: 'string' },
    folder: { type: 'string', default: 'dist' },
    version: { type: 'string', default: canopusVersion },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const { katapult, klipper, version, only } = values;
if (katapult === undefined || klipper === undefined) {
  output.complain(usage);
  process.exit(2);
}
const sources = { katapult: gitSource(katapult), klipper: gitSource(klipper) };
const folder = resolve(values.folder);
await mkdir(folder, { recursive: true });
// A cache of its own: the bundle has what was built now, and nothing else of this computer.
const cacheFolder = await mkdtemp(join(tmpdir(), 'canopus-release-'));
const openPi = () => Promise.reject(new Error('a release is built on this computer'));
const service = new FirmwareService({ cacheFolder, openPi });
try {
  const presets = (await loadPresets()).filter(({ id }) => only.length === 0 || only.includes(id));
  const files = await makeReleaseBundle({
    ...{ service, sources, folder, version, now: new Date(), orders: releaseOrders(presets) },
    report: (text) => output.print(text),
  });
  for (const file of files) output.print(file);
} finally {
  await service[Symbol.asyncDispose]();
  await rm(cacheFolder, { recursive: true, force: true });
}
