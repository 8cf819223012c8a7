import { afterEach, describe, expect, it } from 'vitest';
import type { Running } from '../../../../main/sim/board/board.ts';
import { makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { serveUsbIp } from '../../../../main/sim/usbip/usbip-server.ts';
import { VirtualBench } from '../../../../main/sim/virtual-bench.ts';
import { systemClock } from '../../../../main/system-clock.ts';
import { application, board, untilRunning, withKatapult } from '../bench-rig.ts';
import { UsbIpClient } from './usbip-client.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function setUp(fields: Partial<ReturnType<typeof board>> = {}, mode?: Running) {
  const bench = new VirtualBench({ boards: [board(fields)] }, { clock: systemClock, timeScale: 0 });
  const server = await serveUsbIp(() => bench.boards.flatMap(({ device }) => device ?? []));
  opened.push(bench, server);
  await untilRunning(bench, 'a', mode ?? (fields.boot0 === true ? 'dfu' : 'katapult'));
  const open = async () => UsbIpClient.connect(server.port);
  const imported = async () => {
    const client = await open();
    expect((await client.import('1-1')).status).toBe(0);
    return client;
  };
  return { bench, open, imported };
}

const getDeviceDescriptor = Buffer.from('8006000100001200', 'hex');
const connect = Buffer.from('01881100f17c9903', 'hex');
const devlist = Buffer.from('0111800500000000', 'hex');

describe('the USB/IP server', () => {
  it('lists what is on the bus, with its interfaces', async () => {
    const { open } = await setUp({ flash: withKatapult, port: '1-4.2' });
    const client = await open();
    client.send(devlist);
    const head = await client.read(12);
    expect(head?.toString('hex')).toBe('011100050000000000000001');
    const device = await client.read(312);
    expect(device?.subarray(256, 262).toString('latin1')).toBe('1-4.2\0');
    // busnum 1, speed full, 1d50:6177, bcdDevice 1.00, class 2, configuration 1 of 1, two interfaces.
    expect(device?.readUInt32BE(288)).toBe(1);
    expect(device?.subarray(296).toString('hex')).toBe('000000021d506177010002000001' + '0102');
    expect((await client.read(8))?.toString('hex')).toBe('020201000a000000');
    await client.closed();
  });

  it('completes control transfers, stalls with -32', async () => {
    const { imported } = await setUp({ boot0: true });
    const client = await imported();
    const first = client.submit(0, { setup: getDeviceDescriptor, length: 18 });
    const answer = await client.reply();
    expect(answer).toMatchObject({ command: 3, seqnum: first, status: 0 });
    expect(answer?.data.slice(8, 12)).toEqual([0x83, 0x04, 0x11, 0xdf]);
    const clrStatus = Buffer.from('2104000000000000', 'hex');
    const second = client.submit(0, { setup: clrStatus, data: Buffer.alloc(0) });
    expect(await client.reply(false)).toMatchObject({ command: 3, seqnum: second, status: -32 });
    client.close();
  });

  it('takes what the host says of the line, so that 1200 baud and no DTR lead into Katapult', async () => {
    const klipper = { address: application, bytes: makeKlipperImage({ role: 'none' }) };
    const { bench, imported } = await setUp({ flash: [...withKatapult, klipper] }, 'klipper-serial');
    const client = await imported();
    const line = Buffer.from('b0040000000008', 'hex');
    client.submit(0, { setup: Buffer.from('2120000000000700', 'hex'), data: line });
    expect(await client.reply(false)).toMatchObject({ status: 0 });
    client.submit(0, { setup: Buffer.from('2122000000000000', 'hex'), data: Buffer.alloc(0) });
    await untilRunning(bench, 'a', 'katapult');
    client.close();
  });

  it('keeps a bulk IN unanswered until there is data', async () => {
    const { imported } = await setUp({ flash: withKatapult });
    const client = await imported();
    const reading = client.submit(1, { length: 128 });
    const writing = client.submit(2, { data: connect });
    expect(await client.reply(false)).toMatchObject({ seqnum: writing, status: 0 });
    const answer = await client.reply();
    expect(answer).toMatchObject({ seqnum: reading, status: 0 });
    expect(answer?.data.slice(0, 5)).toEqual([0x01, 0x88, 0xa0, 0x0d, 0x11]);
    client.close();
  });

  it('unlinks what is pending with -104 and sends no reply for it', async () => {
    const { imported } = await setUp({ flash: withKatapult });
    const client = await imported();
    const reading = client.submit(1, { length: 128 });
    const unlinking = client.unlink(reading);
    expect(await client.reply()).toMatchObject({ command: 4, seqnum: unlinking, status: -104 });
    client.submit(2, { data: connect });
    await client.reply(false);
    const again = client.submit(1, { length: 128 });
    expect(await client.reply()).toMatchObject({ command: 3, seqnum: again });
    expect(await (client.unlink(again), client.reply())).toMatchObject({ command: 4, status: 0 });
    client.close();
  });

  it('gives a device to one peer at a time, and again when that one has gone', async () => {
    const { imported, open } = await setUp({ boot0: true });
    const first = await imported();
    expect((await (await open()).import('1-1')).status).not.toBe(0);
    expect((await (await open()).import('9-9')).status).not.toBe(0);
    first.close();
    // The server hears of the end a little later.
    let status = 1;
    while (status !== 0) status = (await (await open()).import('1-1')).status;
  });

  it('closes the connection when the cable is pulled, and exports the next mode under the same busid', async () => {
    const { bench, imported } = await setUp({ boot0: true, flash: withKatapult });
    const client = await imported();
    client.submit(1, { length: 64 });
    bench.board('a').setBoot0(false);
    bench.board('a').reset();
    await client.closed();
    await untilRunning(bench, 'a', 'katapult');
    const next = await imported();
    next.submit(0, { setup: getDeviceDescriptor, length: 18 });
    expect((await next.reply())?.data.slice(8, 12)).toEqual([0x50, 0x1d, 0x77, 0x61]);
    next.close();
  });

  it('drops a peer that does not speak USB/IP', async () => {
    const { open } = await setUp({ boot0: true });
    const client = await open();
    client.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await client.closed();
  });
});
