import { CanopusError } from '../errors.ts';

/**
 * The source of a firmware.
 * - `folder`: a tree on this computer, in git or not, clean or not.
 * - `git`: a URL at a branch, a tag or a commit.
 * - `pi`: what the Pi of this name runs: the commit of its `~/klipper` or `~/katapult`.
 */
export type FirmwareSource =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'git'; readonly url: string; readonly ref: string }
  | { readonly type: 'pi'; readonly host: string };

/**
 * Parses what a person writes: `pi:USER@HOST[:PORT]`, `URL@REF`, or a folder. A URL has a scheme that git speaks, or is
 * `USER@HOST:PATH`. Throws `source/invalid`.
 */
export function parseFirmwareSource(text: string): FirmwareSource {
  const invalid = (why: string): CanopusError =>
    new CanopusError('source/invalid', `"${text}" is not a firmware source: ${why}`, { source: text });
  if (text === '') throw invalid('it is empty');
  if (text.startsWith('pi:')) {
    if (text.length === 3) throw invalid('the Pi has no name');
    return { type: 'pi', host: text.slice(3) };
  }
  if (!/^(?:(?:https?|ssh|git|file):\/\/|[\w.-]+@[\w.-]+:)/.test(text)) {
    if (/^[\w+-]+::|^\w{2,}:\/\//.test(text))
      throw invalid('only https, http, ssh, git and file are supported');
    return { type: 'folder', path: text };
  }
  // The first @ of a URL may belong to a user name; a ref contains neither @ nor a colon.
  const at = text.lastIndexOf('@');
  const url = text.slice(0, at);
  const ref = text.slice(at + 1);
  if (at < 0 || !/^(?:\w+:\/\/[^/]*\/.+|[\w.-]+@[\w.-]+:.+)$/.test(url)) {
    throw invalid('give a branch, tag or commit: URL@REF');
  }
  if (!isGitRef(ref)) throw invalid(`${ref === '' ? 'nothing' : `"${ref}"`} is not a branch, tag or commit`);
  return { type: 'git', url, ref };
}

/** The source as a person would write it. */
export function formatFirmwareSource(source: FirmwareSource): string {
  switch (source.type) {
    case 'folder':
      return source.path;
    case 'git':
      return `${source.url}@${source.ref}`;
    case 'pi':
      return `pi:${source.host}`;
  }
}

/**
 * The names that git-check-ref-format(1) allows, without those that would be an option, a range or a look-up in time.
 */
export function isGitRef(ref: string): boolean {
  if (ref === '' || ref.length > 200) return false;
  if (!/^[A-Za-z0-9_][A-Za-z0-9._/+-]*$/.test(ref)) return false;
  return !/\.\.|\/\/|\/\.|\/$|\.$|\.lock(?:\/|$)/.test(ref);
}

/** True for a full SHA-1 commit id. */
export function isCommitId(ref: string): boolean {
  return /^[0-9a-f]{40}$/.test(ref);
}
