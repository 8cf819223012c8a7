import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type PackedPlatform = 'linux' | 'win32' | 'darwin';

/**
 * Precedes the fuses in Electron's program: version 1 and eight fuses, each '0', '1' or 'r' (removed). Format and the
 * fuses' order: @electron/fuses; their state here: Electron 45 as downloaded.
 */
export const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fusesAsShipped = '10110001';

/**
 * A folder with the names of an unpacked Electron and next to nothing in them, for a packager to work on where the
 * real one cannot be downloaded. The program in it has the fuses, so that setting them can be checked.
 */
export async function makeElectronDist(folder: string, platform: PackedPlatform): Promise<void> {
  const files = platform === 'darwin' ? macFiles() : plainFiles(platform);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: 0o755 });
  }
}

function program(): Uint8Array {
  const head = new TextEncoder().encode(`stand-in\n${fuseSentinel}`);
  return Uint8Array.from([
    ...head,
    1,
    fusesAsShipped.length,
    ...new TextEncoder().encode(`${fusesAsShipped}\n`),
  ]);
}

function plainFiles(platform: 'linux' | 'win32'): Record<string, string | Uint8Array> {
  return {
    [platform === 'linux' ? 'electron' : 'electron.exe']: program(),
    ...(platform === 'linux' ? { 'chrome-sandbox': 'stand-in' } : {}),
    version: '45.4.1',
    LICENSE: 'stand-in',
    'LICENSES.chromium.html': 'stand-in',
    'locales/en-US.pak': 'stand-in',
    'locales/de.pak': 'stand-in',
  };
}

function macFiles(): Record<string, string | Uint8Array> {
  const plist = (name: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>CFBundleExecutable</key><string>${name}</string><key>CFBundleIdentifier</key><string>com.github.Electron</string></dict></plist>
`;
  const frameworks = 'Electron.app/Contents/Frameworks';
  const helpers = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'].map((kind) => `Electron Helper${kind}`);
  return {
    version: '45.4.1',
    LICENSE: 'stand-in',
    'LICENSES.chromium.html': 'stand-in',
    'Electron.app/Contents/Info.plist': plist('Electron'),
    'Electron.app/Contents/MacOS/Electron': 'stand-in',
    'Electron.app/Contents/Resources/electron.icns': 'stand-in',
    'Electron.app/Contents/Resources/en.lproj/locale.pak': 'stand-in',
    [`${frameworks}/Electron Framework.framework/Electron Framework`]: program(),
    [`${frameworks}/Electron Framework.framework/Versions/A/Resources/en.lproj/locale.pak`]: 'stand-in',
    ...Object.fromEntries(
      helpers.flatMap((helper) => [
        [`${frameworks}/${helper}.app/Contents/Info.plist`, plist(helper)],
        [`${frameworks}/${helper}.app/Contents/MacOS/${helper}`, 'stand-in'],
      ]),
    ),
  };
}
