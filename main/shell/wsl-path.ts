/**
 * The path of a Windows folder in WSL: `C:\klipper` is `/mnt/c/klipper` (Microsoft's WSL documentation, "Working across
 * file systems"), `\\wsl$\Debian\home\x` and `\\wsl.localhost\Debian\home\x` are `/home/x` of that distribution. Null
 * for what WSL cannot see: other network shares, relative paths, another distribution's files.
 */
export function toWslPath(windowsPath: string, distribution: string | null): string | null {
  const path = windowsPath.replaceAll('\\', '/').replace(/^\/\/\?\//, '');
  const [, drive, rest] = /^([A-Za-z]):(\/.*)?$/.exec(path) ?? [];
  if (drive !== undefined) return trimmed(`/mnt/${drive.toLowerCase()}${rest ?? ''}`);
  const [, owner, inside] = /^\/\/wsl(?:\$|\.localhost)\/([^/]+)(\/.*)?$/i.exec(path) ?? [];
  if (owner === undefined) return null;
  if (distribution !== null && owner.toLowerCase() !== distribution.toLowerCase()) return null;
  return trimmed(inside ?? '/');
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}
