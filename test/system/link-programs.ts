import { access, constants, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a Pi has of Debian's essential tools. Nothing else of this machine is in its PATH. */
export const essentials: readonly string[] = (
  'sh bash awk base64 cat chmod chown cp cut date df dirname echo env expr false find grep head kill ln ls mkdir ' +
  'mktemp mv nice printf ps readlink realpath rm rmdir sed setsid sha256sum sleep sort stat sync tail tee touch tr ' +
  'true uname wc xargs'
).split(' ');

/**
 * Links programs of this machine into a folder that serves as a separate PATH. Throws if one is missing: a test must
 * not find out by what fails later.
 */
export async function linkPrograms(names: readonly string[], folder: string): Promise<void> {
  for (const name of names) {
    const places = ['/usr/bin', '/bin'].map((place) => join(place, name));
    const found = await Promise.all(
      places.map((path) =>
        access(path, constants.X_OK).then(
          () => true,
          () => false,
        ),
      ),
    );
    const path = places[found.indexOf(true)];
    if (path === undefined) throw new Error(`the tests need ${name}`);
    await symlink(path, join(folder, name));
  }
}
