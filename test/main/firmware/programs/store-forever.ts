import { join } from 'node:path';
import { ImageCache } from '../../../../main/firmware/image-cache.ts';
import { LockFolder } from '../../../../main/files/lock-folder.ts';
import { sha256Of } from '../../../../main/files/hashed-json.ts';
import { sample } from '../sample-record.ts';

/** Stores one image after another until it is killed. Usage: store-forever CACHE FIRST. */
const [folder = '', first = '0'] = process.argv.slice(2);
const cache = new ImageCache(join(folder, 'images-1'), new LockFolder(join(folder, 'locks')));
const { record, parts } = await sample(1);
for (let count = Number(first); ; count++) {
  const image = Buffer.concat([parts.image, Buffer.from(`image ${count}`)]);
  const log = Buffer.from(`log ${count}\n`);
  const info = { ...record.info, sha256: sha256Of(image), size: image.length };
  await cache.put({ ...record, key: sha256Of(Buffer.from(`key ${count}`)), info }, { ...parts, image, log });
  if (count === Number(first)) process.stdout.write('storing\n');
}
