import { statfs } from 'node:fs/promises';
import * as z from 'zod/mini';
import { CanopusError } from '../../app/errors.ts';
import type { Drive, RunProgram } from './card-drives.ts';
import { parsePlist } from './plist.ts';

const diskutil = '/usr/sbin/diskutil';

const partition = z.object({
  DeviceIdentifier: z.string().check(z.regex(/^disk\d+(?:s\d+)*$/)),
  MountPoint: z.optional(z.string()),
});

/** `diskutil list -plist physical`: a stick may be formatted with no partitions, and then is one itself. */
const listSchema = z.object({
  AllDisksAndPartitions: z.array(z.extend(partition, { Partitions: z.optional(z.array(partition)) })),
});

/** `diskutil info -plist disk4s1` (Apple, diskutil(8)). */
const infoSchema = z.object({
  DeviceIdentifier: z.string(),
  ParentWholeDisk: z.string(),
  MountPoint: z.string(),
  VolumeName: z.optional(z.string()),
  FilesystemType: z.optional(z.string()),
  TotalSize: z.optional(z.number()),
  FreeSpace: z.optional(z.number()),
  Writable: z.optional(z.boolean()),
  WritableMedia: z.optional(z.boolean()),
  WritableVolume: z.optional(z.boolean()),
  RemovableMedia: z.optional(z.boolean()),
  BusProtocol: z.optional(z.string()),
  VolumeUUID: z.optional(z.string()),
  DiskUUID: z.optional(z.string()),
});

/**
 * Mounted drives of macOS. The slot of a MacBook counts as internal, so all physical disks are asked; removable are those
 * whose medium can be taken out, and what is on the bus "Secure Digital". Throws `card/unlisted`.
 */
export async function listMacDrives(run: RunProgram, signal?: AbortSignal): Promise<readonly Drive[]> {
  const list = listSchema.safeParse(parsePlist(await run(diskutil, ['list', '-plist', 'physical'], signal)));
  if (!list.success) throw new CanopusError('card/unlisted', 'diskutil did not list the drives.');
  const mounted = list.data.AllDisksAndPartitions.flatMap(({ Partitions = [], ...whole }) => [
    whole,
    ...Partitions,
  ]).filter(({ MountPoint }) => MountPoint !== undefined && MountPoint !== '');
  const drives: Drive[] = [];
  for (const { DeviceIdentifier } of mounted) {
    const text = await run(diskutil, ['info', '-plist', DeviceIdentifier], signal);
    const info = infoSchema.safeParse(parsePlist(text));
    // It was taken out meanwhile.
    if (info.success && info.data.MountPoint !== '') drives.push(await driveOf(info.data));
  }
  return drives;
}

async function driveOf(info: z.infer<typeof infoSchema>): Promise<Drive> {
  const { DeviceIdentifier, ParentWholeDisk, MountPoint, TotalSize = null, FreeSpace = null } = info;
  const { RemovableMedia = false, BusProtocol } = info;
  const isRemovable = RemovableMedia || BusProtocol === 'Secure Digital';
  // diskutil reports no free space of some volumes.
  const space = await statfs(MountPoint).catch(() => null);
  const volume = info.VolumeUUID ?? info.DiskUUID ?? '';
  return {
    id: [DeviceIdentifier, volume, TotalSize ?? ''].join(' '),
    path: MountPoint,
    label: info.VolumeName ?? null,
    fileSystem: info.FilesystemType ?? null,
    totalBytes: TotalSize,
    freeBytes: space === null ? FreeSpace : space.bavail * space.bsize,
    isReadOnly: [info.Writable, info.WritableMedia, info.WritableVolume].includes(false),
    isVirtual: false,
    isRemovable: isRemovable && MountPoint.startsWith('/Volumes/'),
    device: ParentWholeDisk,
  };
}
