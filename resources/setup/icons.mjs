import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { projectRoot } from './processes.mjs';

/** Draws the icons of all systems from the SVGs in resources/icons: `node resources/setup/icons.mjs`. */
const folder = join(projectRoot, 'resources', 'icons');
const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const smallUpTo = 32;

async function drawAll() {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
  const browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage();
    /** @type {Map<number, Buffer>} */
    const drawn = new Map();
    for (const size of sizes) {
      const name = size <= smallUpTo ? 'canopus-small.svg' : 'canopus.svg';
      const svg = readFileSync(join(folder, name)).toString('base64');
      await page.setViewportSize({ width: size, height: size });
      await page.setContent(
        `<style>*{margin:0}img{display:block;width:${size}px;height:${size}px}</style><img src="data:image/svg+xml;base64,${svg}">`,
      );
      drawn.set(size, await page.screenshot({ omitBackground: true }));
    }
    return drawn;
  } finally {
    await browser.close();
  }
}

/**
 * @param {ReadonlyMap<number, Buffer>} drawn
 * @param {number} size
 */
function pngOf(drawn, size) {
  const png = drawn.get(size);
  if (png === undefined) throw new Error(`no icon of ${size} pixels was drawn`);
  return png;
}

/**
 * ICO: a directory of 16 bytes an image, then the images, which may be PNG since Windows Vista.
 *
 * @param {ReadonlyMap<number, Buffer>} drawn
 */
function ico(drawn) {
  const wanted = [16, 24, 32, 48, 64, 128, 256];
  const head = Buffer.alloc(6 + 16 * wanted.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(wanted.length, 4);
  let offset = head.length;
  for (const [index, size] of wanted.entries()) {
    const at = 6 + 16 * index;
    const { length } = pngOf(drawn, size);
    // 0 stands for 256.
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += length;
  }
  return Buffer.concat([head, ...wanted.map((size) => pngOf(drawn, size))]);
}

/**
 * ICNS: `icns`, length, then a type, a length (with these eight bytes) and a PNG for each image; big endian.
 *
 * @param {ReadonlyMap<number, Buffer>} drawn
 */
function icns(drawn) {
  const types = {
    ic07: 128,
    ic08: 256,
    ic09: 512,
    ic10: 1024,
    ic11: 32,
    ic12: 64,
    ic13: 256,
    ic14: 512,
  };
  const parts = Object.entries(types).map(([type, size]) => block(type, pngOf(drawn, size)));
  return block('icns', Buffer.concat(parts));
}

/**
 * @param {string} type
 * @param {Buffer} content
 */
function block(type, content) {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(head.length + content.length, 4);
  return Buffer.concat([head, content]);
}

const drawn = await drawAll();
mkdirSync(join(folder, 'png'), { recursive: true });
for (const [size, png] of drawn) writeFileSync(join(folder, 'png', `${size}x${size}.png`), png);
writeFileSync(join(folder, 'canopus.ico'), ico(drawn));
writeFileSync(join(folder, 'canopus.icns'), icns(drawn));
