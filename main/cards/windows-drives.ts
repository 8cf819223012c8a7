import * as z from 'zod/mini';
import { CanopusError } from '../../app/errors.ts';
import type { Drive } from './card-drives.ts';

/**
 * Prints Windows' drives as one line of JSON. It contains no double quote, so that it can be passed as one argument.
 * Source: Microsoft, Win32_LogicalDisk (DriveType 2 is a removable disk, 3 a local disk; Size and FileSystem are null
 * while no medium is in the drive).
 */
export const driveScript = `
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
$drives = @(Get-CimInstance -ClassName Win32_LogicalDisk | ForEach-Object { [pscustomobject]@{
  id = $_.DeviceID; type = $_.DriveType; label = $_.VolumeName; fileSystem = $_.FileSystem
  size = $_.Size; free = $_.FreeSpace; serial = $_.VolumeSerialNumber } })
[Console]::Out.WriteLine((ConvertTo-Json -Compress -InputObject @{ system = $env:SystemDrive; drives = $drives }))
`;

const amount = z.nullable(z.number());
const text = z.nullable(z.string());

const listSchema = z.object({
  system: z.string(),
  drives: z.array(
    z.object({
      id: z.string().check(z.regex(/^[A-Z]:$/)),
      type: z.number(),
      label: text,
      fileSystem: text,
      size: amount,
      free: amount,
      serial: text,
    }),
  ),
});

const removable = 2;

/** The drives that have a medium. Throws `card/unlisted`. */
export function parseWindowsDrives(output: string): readonly Drive[] {
  const list = listSchema.safeParse(jsonOf(output));
  if (!list.success) throw new CanopusError('card/unlisted', 'Windows did not list its drives.');
  return list.data.drives
    .filter(({ size }) => size !== null)
    .map(({ id, type, label, fileSystem, size, free, serial }) => ({
      id: [id, serial ?? '', size ?? ''].join(' '),
      path: `${id}\\`,
      label: label === '' ? null : label,
      fileSystem,
      totalBytes: size,
      freeBytes: free,
      // Win32_LogicalDisk does not say it; a write that is refused does.
      isReadOnly: null,
      isVirtual: false,
      isRemovable: type === removable && id !== list.data.system,
      device: id,
    }));
}

function jsonOf(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return null;
  }
}
