import { access, constants, symlink } from 'node:fs/promises';
import { join } from 'node:path';

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
