import { expect, it } from 'vitest';
import { exchange, exchanges, fromHex, toHex } from '../../../app/protocols/katapult/vectors.ts';
import { katapultRig, readAll } from './katapult-rig.ts';

it('replies to every recorded request as the real firmware did, byte for byte', async () => {
  const { flash, open } = katapultRig();
  // The only bytes of the firmware's own flash that an exchange shows.
  flash.load(0x08000000, exchange('request_block 0x08000000').answered.subarray(12, 76));
  const link = await open();
  expect(exchanges.length).toBeGreaterThan(14);
  for (const { what, sent, answered } of exchanges) {
    await link.write(sent);
    const got = await readAll(link, answered.length);
    expect({ what, answered: toHex(got) }).toEqual({ what, answered: toHex(answered) });
  }
});

it('does not reply any more after a damaged frame', async () => {
  const { open } = katapultRig();
  const link = await open();
  await link.write(exchange('connect with a wrong CRC').sent);
  expect(toHex(await readAll(link, 8))).toBe('0188f10068959903');
  await link.write(fromHex('01881100f17c9903'));
  expect(toHex(await readAll(link, 1))).toBe('');
});
