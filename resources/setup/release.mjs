import { execFile } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { projectRoot } from './processes.mjs';
import { sbomOf } from './sbom.mjs';

const run = promisify(execFile);

/** What electron-builder's names say, in the words of the list of versions (app/updates/manifest.ts). */
const systems = /** @type {const} */ ({ linux: 'linux', win: 'win32', mac: 'darwin' });
const processors = /** @type {const} */ ({
  x64: 'x64',
  x86_64: 'x64',
  amd64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
});
const kinds = /** @type {const} */ ({
  AppImage: 'AppImage',
  deb: 'deb',
  rpm: 'rpm',
  exe: 'nsis',
  dmg: 'dmg',
});

/**
 * The target of a package by its file's name; null for a file that no station installs, such as a zip.
 *
 * @param {string} name as `canopus-0.2.0-linux-x86_64.AppImage`
 * @param {string} version
 */
export function targetOf(name, version) {
  if (!name.startsWith(`canopus-${version}-`)) return null;
  const rest = name.slice(`canopus-${version}-`.length);
  const [, system = '', processor = '', kind = ''] =
    /^(linux|win|mac)-([a-z0-9_]+)\.([A-Za-z]+)$/.exec(rest) ?? [];
  const os = systems[/** @type {keyof typeof systems} */ (system)];
  const arch = processors[/** @type {keyof typeof processors} */ (processor)];
  const type = kinds[/** @type {keyof typeof kinds} */ (kind)];
  // A name of another form has none of the three.
  return Object.hasOwn(systems, system) && Object.hasOwn(processors, processor) && Object.hasOwn(kinds, kind)
    ? `${os}-${arch}-${type}`
    : null;
}

/**
 * What changed in a version, from CHANGELOG.md. Throws if it has no part of its own.
 *
 * @param {string} changelog
 * @param {string} version
 */
export function notesOf(changelog, version) {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`## ${version} `) || line === `## ${version}`);
  if (start < 0) throw new Error(`CHANGELOG.md has no part "## ${version}".`);
  const end = lines.findIndex((line, index) => index > start && line.startsWith('## '));
  return lines
    .slice(start + 1, end < 0 ? undefined : end)
    .join('\n')
    .trim();
}

/**
 * Completes a folder of packages: a bill of materials beside each, the source of libusb, the changes, the checksums of all
 * and, with a key, the signed list of versions and the signature of the firmware bundle, if there is one. Without a key there is none, and so nothing that a station would take.
 *
 * @param {{ folder: string, version: string, changelog: string, now: Date, days: number, keyFile: string | null, components: readonly import('./components.mjs').Component[] }} options
 * @returns {Promise<string[]>} the files that were written
 */
export async function completeRelease({ folder, version, changelog, now, days, keyFile, components }) {
  const notes = notesOf(changelog, version);
  const names = (await readdir(folder)).filter((name) => targetOf(name, version) !== null).sort();
  if (names.length === 0) throw new Error(`There is no package of ${version} in ${folder}.`);
  /** @type {{ target: string, name: string, size: number, sha512: string }[]} */
  const packages = [];
  /** @type {string[]} */
  const written = [];
  const madeAt = now.toISOString();
  /** @param {string} name @param {string} text */
  const write = async (name, text) => {
    await writeFile(join(folder, name), text);
    written.push(name);
  };
  for (const name of names) {
    const sha512 = await hashOf(join(folder, name), 'sha512');
    const { size } = await stat(join(folder, name));
    packages.push({ target: targetOf(name, version) ?? '', name, size, sha512 });
    const sbom = sbomOf({ file: name, version, sha512, madeAt, components });
    await write(`${name}.cdx.json`, `${JSON.stringify(sbom, null, 2)}\n`);
  }
  const source = `canopus-${version}-libusb-source.tar.gz`;
  const parts = ['binding.gyp', 'libusb', 'libusb.gypi', 'libusb_config', 'LICENSE', 'package.json', 'src'];
  await run('tar', [
    '-czf',
    resolve(folder, source),
    '-C',
    join(projectRoot, 'node_modules', 'usb'),
    ...parts,
  ]);
  written.push(source);
  await write('RELEASE-NOTES.md', `${notes}\n`);
  if (keyFile !== null) {
    const expiresAt = new Date(now.getTime() + days * 24 * 3600 * 1000).toISOString();
    const manifest = JSON.stringify({ product: 'canopus', version, issuedAt: madeAt, expiresAt, packages });
    await write('canopus-update.json', `${JSON.stringify(await signed(updateContext, manifest, keyFile))}\n`);
  }
  const firmware = await firmwareFiles(folder, version);
  if (firmware.length > 0 && keyFile !== null) await signBundle(join(folder, firmwareName(version)), keyFile);
  const sums = [...names, ...written, ...firmware].sort();
  const lines = await Promise.all(
    sums.map(async (name) => `${await hashOf(join(folder, name), 'sha256')}  ${name}\n`),
  );
  await write('SHA256SUMS', lines.join(''));
  return written;
}

/** In front of what is signed, as the program that reads it expects (app/updates/manifest.ts, app/updates/bundle-manifest.ts). */
const updateContext = 'canopus update manifest 1\n';
const bundleContext = 'canopus firmware bundle 1\n';
const bundleList = 'canopus-firmware.json';

/** @param {string} version */
const firmwareName = (version) => `canopus-firmware-${version}.zip`;

/**
 * The bundle of firmware (npm run release:firmware) and the sources beside it; none if it was not made.
 *
 * @param {string} folder
 * @param {string} version
 */
async function firmwareFiles(folder, version) {
  const names = await readdir(folder);
  if (!names.includes(firmwareName(version))) return [];
  const { manifest } = listOf(unzipSync(await readFile(join(folder, firmwareName(version)))));
  const { sources } = /** @type {{ sources: { archive: string, sha256: string }[] }} */ (
    JSON.parse(manifest)
  );
  for (const { archive, sha256 } of sources) {
    if (!names.includes(archive))
      throw new Error(`${archive} is missing: firmware is published with its sources.`);
    if ((await hashOf(join(folder, archive), 'sha256')) !== sha256)
      throw new Error(`${archive} is not the one in the bundle's list.`);
  }
  return [firmwareName(version), ...sources.map(({ archive }) => archive)];
}

/**
 * Signs the list in a bundle, which names the hash of every other file in it.
 *
 * @param {string} path
 * @param {string} keyFile
 */
async function signBundle(path, keyFile) {
  const files = unzipSync(await readFile(path));
  const { manifest } = listOf(files);
  files[bundleList] = strToU8(JSON.stringify(await signed(bundleContext, manifest, keyFile)));
  await writeFile(path, zipSync(files, { level: 6, mtime: new Date(1980, 0, 1) }));
}

/**
 * @param {Record<string, Uint8Array>} files
 * @returns {{ manifest: string }}
 */
function listOf(files) {
  const list = files[bundleList];
  if (list === undefined)
    throw new Error('The firmware bundle has no list: make it with npm run release:firmware.');
  /** @type {{ manifest: string }} */
  const read = JSON.parse(strFromU8(list));
  return read;
}

/**
 * @param {string} context
 * @param {string} manifest
 * @param {string} keyFile
 */
async function signed(context, manifest, keyFile) {
  const inside = relative(projectRoot, resolve(keyFile));
  if (!inside.startsWith('..') && resolve(keyFile) !== inside) {
    throw new Error('The private key must not be in the repository.');
  }
  const privateKey = createPrivateKey(await readFile(keyFile));
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('The key must be one of Ed25519.');
  const key = createPublicKey(privateKey)
    .export({ format: 'der', type: 'spki' })
    .subarray(-32)
    .toString('hex');
  const message = Buffer.from(`${context}${manifest}`);
  return { manifest, signatures: [{ key, signature: sign(null, message, privateKey).toString('hex') }] };
}

/**
 * @param {string} path
 * @param {string} algorithm
 */
async function hashOf(path, algorithm) {
  const hash = createHash(algorithm);
  /** @type {AsyncIterable<Buffer>} */
  const chunks = createReadStream(path);
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * `npm run release -- [--folder dist] [--key FILE] [--days 90]`. Uploads nothing.
 *
 * @param {readonly string[]} args
 */
export async function release(args) {
  /** @param {string} name @param {string} usual */
  const option = (name, usual) => {
    const at = args.indexOf(name);
    return at < 0 ? usual : (args[at + 1] ?? usual);
  };
  /** @type {{ version: string }} */
  const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));
  const { collectComponents } = await import('./components.mjs');
  const keyFile = option('--key', '');
  const written = await completeRelease({
    ...{ folder: option('--folder', 'dist'), version, now: new Date(), components: collectComponents() },
    ...{ days: Number(option('--days', '90')), keyFile: keyFile === '' ? null : keyFile },
    changelog: await readFile(join(projectRoot, 'CHANGELOG.md'), 'utf8'),
  });
  for (const name of written) console.log(name);
  if (keyFile === '') console.log('Not signed: stations take nothing of this release.');
  return 0;
}
