import { describe, expect, it } from 'vitest';
import { hatOverlays } from '../../../app/pi/hat.ts';
import { contentsAfter, piFacts, planFor } from '../../fixtures/pi-facts.ts';

const config = '/boot/firmware/config.txt';
const found = (files: Record<string, string>) => hatOverlays(piFacts({ files })).map(({ text }) => text);

describe('overlays of CAN controllers', () => {
  it.each([
    'dtoverlay=mcp2515-can0,oscillator=16000000,interrupt=25',
    'dtoverlay=mcp2515,spi0-0,interrupt=25',
    '  dtoverlay = mcp251xfd,spi0-0',
    'dtoverlay=seeed-can-fd-hat-v2',
    'dtoverlay=waveshare-can-fd-hat-mode-a',
    'dtoverlay=waveshare-can-fd-hat-mode-b',
    'dtoverlay=2xMCP2517FD',
    'dtoverlay=2xMCP2518FD-spi0',
    'dtoverlay=anyspi,spi0-0,dev="microchip,mcp2515"',
    'device_tree_overlay=overlays/mcp2515-can0.dtbo',
  ])('are found in config.txt: %s', (line) => {
    expect(found({ [config]: `[all]\n${line}\r\n` })).toEqual([line.trim()]);
  });

  it.each([
    '#dtoverlay=mcp2515-can0',
    'dtoverlay=mcp23017',
    'dtoverlay=vc4-kms-v3d',
    'dtparam=spi=on',
    'dtoverlay=mcp3008,spi0-0-present',
    'dtoverlay=arducam-64mp',
  ])('are not: %s', (line) => {
    expect(found({ [config]: `${line}\n` })).toEqual([]);
  });

  it.each([
    ['/boot/BoardEnv.txt', 'overlays=tft35_spi mcp2515', 'overlays=tft35_spi'],
    ['/boot/armbianEnv.txt', 'user_overlays=mcp2515-can0', '#user_overlays=mcp2515-can0'],
    ['/boot/orangepiEnv.txt', 'overlays=mcp2515-can0 uart7', 'overlays=uart7'],
    ['/boot/armbianEnv.txt', 'overlays=can2-m0', '#overlays=can2-m0'],
    ['/boot/dietpiEnv.txt', 'overlays=spi-spidev MCP2515', 'overlays=spi-spidev'],
  ])('are taken out of %s, and the others stay: %s', (path, line, after) => {
    const files = { [path]: `verbosity=1\n${line}\nextraargs=video=HDMI-A-1:1024x600-24@60\n` };
    expect(found(files)).toEqual([line]);
    const plan = planFor({ files }, { hat: 'comment-out' });
    expect(contentsAfter(plan)[path]).toBe(
      `verbosity=1\n${after}\nextraargs=video=HDMI-A-1:1024x600-24@60\n`,
    );
  });

  it.each(['overlays=spi-spidev i2c3', 'overlay_prefix=sun50i-h616', '#overlays=mcp2515', 'extraargs=can=1'])(
    'are not in such a list: %s',
    (line) => {
      expect(found({ '/boot/armbianEnv.txt': `${line}\n` })).toEqual([]);
    },
  );
});
