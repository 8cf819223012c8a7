/**
 * What `diskutil list -plist physical` and `diskutil info -plist` print for a Mac with a fixed disk, a USB SSD, a card in
 * a USB reader and one in its own slot, with the keys that Canopus reads and some that it does not.
 */
function plist(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${content}
</plist>
`;
}

const disk = (id: string, partitions: string): string => `<dict>
  <key>Content</key><string>FDisk_partition_scheme</string>
  <key>DeviceIdentifier</key><string>${id}</string>
  <key>OSInternal</key><false/>
  ${partitions}
  <key>Size</key><integer>31914983424</integer>
</dict>`;

const partition = (id: string, mountPoint: string | null): string => `<dict>
  <key>Content</key><string>Windows_FAT_32</string>
  <key>DeviceIdentifier</key><string>${id}</string>
  ${mountPoint === null ? '' : `<key>MountPoint</key><string>${mountPoint}</string>`}
  <key>Size</key><integer>31910789120</integer>
</dict>`;

const partitions = (...all: readonly string[]): string =>
  all.length === 0 ? '<key>Partitions</key><array/>' : `<key>Partitions</key><array>${all.join('')}</array>`;

export const diskList = plist(`<dict>
<key>AllDisks</key><array><string>disk0</string><string>disk4</string></array>
<key>AllDisksAndPartitions</key><array>
${disk('disk0', partitions(partition('disk0s1', null), partition('disk0s2', '/')))}
${disk('disk3', partitions(partition('disk3s1', '/Volumes/SSD')))}
${disk('disk4', partitions(partition('disk4s1', '/Volumes/BOOT')))}
${disk('disk5', `<key>MountPoint</key><string>/Volumes/A &amp; B</string>`)}
${disk('disk6', partitions())}
</array>
<key>VolumesFromDisks</key><array/>
<key>WholeDisks</key><array><string>disk0</string></array>
</dict>`);

interface InfoOptions {
  readonly parent: string;
  readonly mountPoint: string;
  readonly bus: string;
  readonly removable: boolean;
  readonly writable?: boolean;
}

const info = (id: string, { parent, mountPoint, bus, removable, writable = true }: InfoOptions): string =>
  plist(`<dict>
<key>BusProtocol</key><string>${bus}</string>
<key>DeviceIdentifier</key><string>${id}</string>
<key>FilesystemName</key><string>MS-DOS FAT32</string>
<key>FilesystemType</key><string>msdos</string>
<key>FreeSpace</key><integer>31914950656</integer>
<key>Internal</key><${String(bus !== 'USB')}/>
<key>MountPoint</key><string>${mountPoint}</string>
<key>ParentWholeDisk</key><string>${parent}</string>
<key>RemovableMedia</key><${String(removable)}/>
<key>RemovableMediaOrExternalDevice</key><true/>
<key>SMARTDeviceSpecificKeysMayVaryNotGuaranteed</key><dict/>
<key>TotalSize</key><integer>31914983424</integer>
<key>VolumeName</key><string>${mountPoint.replace('/Volumes/', '')}</string>
<key>Writable</key><${String(writable)}/>
<key>WritableMedia</key><${String(writable)}/>
<key>WritableVolume</key><${String(writable)}/>
</dict>`);

export const diskInfo: Readonly<Record<string, string>> = {
  disk0s2: info('disk0s2', { parent: 'disk0', mountPoint: '/', bus: 'Apple Fabric', removable: false }),
  disk3s1: info('disk3s1', { parent: 'disk3', mountPoint: '/Volumes/SSD', bus: 'USB', removable: false }),
  disk4s1: info('disk4s1', { parent: 'disk4', mountPoint: '/Volumes/BOOT', bus: 'USB', removable: true }),
  disk5: info('disk5', {
    ...{ parent: 'disk5', mountPoint: '/Volumes/A &amp; B', bus: 'Secure Digital' },
    ...{ removable: false, writable: false },
  }),
};
