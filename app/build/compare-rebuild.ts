import type { ExportedRecord } from './exported-record.ts';
import { parseKconfig, sameKconfigValue } from './kconfig.ts';

/** An image that was built again, and what it was built from this time. */
export interface Rebuilt {
  readonly sha256: string;
  readonly size: number;
  readonly treeId: string;
  readonly version: string;
  readonly configuration: string;
  readonly toolchain: {
    readonly identity: string;
    readonly tools: readonly { readonly name: string; readonly version: string }[];
  };
}

export interface RebuildVerdict {
  /** Byte for byte. */
  readonly isIdentical: boolean;
  /** What is not as recorded, a sentence each; an image may be identical all the same. */
  readonly differences: readonly string[];
}

const maxSymbols = 10;

/** Holds an image that was built again against the record of the first one. */
export function compareRebuild(record: ExportedRecord, rebuilt: Rebuilt): RebuildVerdict {
  const isIdentical = record.image.sha256 === rebuilt.sha256;
  const differences = [
    ...sourceDifferences(record, rebuilt),
    ...configDifferences(record.configuration, rebuilt.configuration),
    ...toolDifferences(record, rebuilt),
  ];
  if (!isIdentical) {
    differences.push(
      `The image: ${record.image.size} bytes with SHA-256 ${record.image.sha256} there, ${rebuilt.size} bytes with ${rebuilt.sha256} here.`,
    );
  }
  return { isIdentical, differences };
}

function sourceDifferences({ source }: ExportedRecord, { treeId, version }: Rebuilt): string[] {
  return [
    ...(source.treeId === treeId ? [] : [`The sources: tree ${source.treeId} there, ${treeId} here.`]),
    ...(source.version === version ? [] : [`The version: ${source.version} there, ${version} here.`]),
  ];
}

function configDifferences(there: string, here: string): string[] {
  const [before, after] = [parseKconfig(there), parseKconfig(here)];
  const symbols = [...new Set([...before.keys(), ...after.keys()])].filter(
    (symbol) => !sameKconfigValue(before.get(symbol), after.get(symbol)),
  );
  const shown = symbols
    .slice(0, maxSymbols)
    .map(
      (symbol) => `${symbol}: ${before.get(symbol) ?? 'none'} there, ${after.get(symbol) ?? 'none'} here.`,
    );
  const more = symbols.length - shown.length;
  return more > 0 ? [...shown, `${more} more symbols of the configuration differ.`] : shown;
}

function toolDifferences({ toolchain }: ExportedRecord, rebuilt: Rebuilt): string[] {
  if (toolchain.identity === rebuilt.toolchain.identity) return [];
  const here = new Map(rebuilt.toolchain.tools.map(({ name, version }) => [name, version]));
  const tools = toolchain.tools
    .filter(({ name, version }) => here.get(name) !== version)
    .map(({ name, version }) => `${name}: ${version} there, ${here.get(name) ?? 'none'} here.`);
  return tools.length > 0 ? tools : ['The tool chain: the same versions with other libraries.'];
}
