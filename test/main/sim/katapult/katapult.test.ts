import { describe, expect, it } from 'vitest';
import { parseAnswer, parseConnect, type Answer } from '../../../../app/protocols/katapult/answer.ts';
import {
  commandCode,
  encodeCommand,
  encodeRequestBlock,
  encodeSendBlock,
} from '../../../../app/protocols/katapult/command.ts';
import { FrameReader } from '../../../../app/protocols/katapult/frame-reader.ts';
import type { SimByteLink } from '../../../../main/sim/links/sim-byte-link.ts';
import { katapultRig, readAll } from './katapult-rig.ts';

const application = 0x08008000;
const block = (value: number) => new Uint8Array(64).fill(value);

async function answers(link: SimByteLink, sent: readonly Uint8Array[], quietMs = 3000): Promise<Answer[]> {
  await link.write(Uint8Array.from(sent.flatMap((frame) => [...frame])));
  const reader = new FrameReader();
  return reader
    .push(await readAll(link, Infinity, quietMs))
    .flatMap((event) => (event.type === 'frame' ? [parseAnswer(event.frame)] : []));
}

describe('virtual Katapult', () => {
  it('erases a sector when its first block arrives, and only then', async () => {
    const { flash, open } = katapultRig();
    flash.load(application, new Uint8Array(64 * 1024).fill(0x55));
    const link = await open();
    expect(await answers(link, [encodeSendBlock(application + 64, block(1))])).toMatchObject([
      { type: 'commandError' },
    ]);
    expect(await answers(link, [encodeSendBlock(application, block(1))])).toMatchObject([{ type: 'ack' }]);
    expect(flash.eraseCounts).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
    expect(flash.read(application + 64, 1)).toEqual(Uint8Array.of(0xff));
    expect(flash.read(application + 16 * 1024, 1)).toEqual(Uint8Array.of(0x55));
  });

  it('takes as long as the flash takes', async () => {
    const { clock, flash, open } = katapultRig();
    flash.load(0x08020000, Uint8Array.of(0));
    const link = await open();
    const before = clock.nowMs();
    await link.write(encodeSendBlock(0x08020000, block(1)));
    await link.read({ timeoutMs: 5000 });
    expect(clock.nowMs() - before).toBeGreaterThanOrEqual(1000);
    expect(clock.nowMs() - before).toBeLessThan(1003);
  });

  it('erases the sector once more when its first block is sent again behind others', async () => {
    const { flash, open } = katapultRig();
    const link = await open();
    const [first, second] = [
      encodeSendBlock(application, block(1)),
      encodeSendBlock(application + 64, block(2)),
    ];
    await answers(link, [first, first]);
    expect(flash.eraseCounts[2]).toBe(0);
    await answers(link, [second, first]);
    expect(flash.eraseCounts[2]).toBe(1);
    expect(flash.read(application + 64, 1)).toEqual(Uint8Array.of(0xff));
  });

  it('replies with a command error if a bit does not program', async () => {
    const { flash, open } = katapultRig();
    flash.stuckBits.push({ address: application + 70, bit: 3, sticksAt: 1 });
    const link = await open();
    const sent = [encodeSendBlock(application, block(0)), encodeSendBlock(application + 64, block(0))];
    expect(await answers(link, sent)).toMatchObject([{ type: 'ack' }, { type: 'commandError' }]);
  });

  it('acknowledges COMPLETE and then starts the application', async () => {
    const { open, completed } = katapultRig();
    const link = await open();
    expect(await answers(link, [encodeCommand(commandCode.complete)])).toMatchObject([{ type: 'ack' }]);
    expect(completed).toHaveLength(1);
  });

  it('does not report its version before protocol 1.1.0', async () => {
    const { open } = katapultRig({ build: { protocolVersion: 0x00010000 } });
    const [answer] = await answers(await open(), [encodeCommand(commandCode.connect)]);
    expect(answer?.type === 'ack' && parseConnect(answer.data)).toMatchObject({
      protocolVersion: '1.0.0',
      softwareVersion: null,
      mcu: 'stm32f446xx',
    });
  });

  it('works with blocks of 512 bytes in a build for them', async () => {
    const { open, flash } = katapultRig({ build: { blockSize: 512 } });
    const sent = [encodeSendBlock(application, new Uint8Array(512).fill(7)), encodeRequestBlock(application)];
    expect(await answers(await open(), sent)).toMatchObject([{ type: 'ack' }, { type: 'ack' }]);
    expect(flash.read(application + 511, 1)).toEqual(Uint8Array.of(7));
  });

  it('skips bytes that do not begin with 01', async () => {
    const { open } = katapultRig();
    const link = await open();
    const noise = Uint8Array.of(0x7e, 0x41, 0x54, 0x0d);
    const connect = encodeCommand(commandCode.connect);
    const got = await answers(link, [noise, connect, noise, noise, connect]);
    expect(got.map((answer) => answer.type)).toEqual(['nack', 'ack', 'nack', 'ack']);
  });

  it('is stuck after a frame that was cut short and completed by another', async () => {
    const { open } = katapultRig();
    const link = await open();
    expect(await answers(link, [encodeSendBlock(application, block(1)).subarray(0, 40)])).toEqual([]);
    const connects = Array.from({ length: 12 }, () => encodeCommand(commandCode.connect));
    expect(await answers(link, connects)).toEqual([{ type: 'nack' }]);
    expect(await answers(link, connects)).toEqual([]);
  });

  it('hangs when asked for memory that is not there', async () => {
    const { open } = katapultRig();
    const link = await open();
    expect(await answers(link, [encodeRequestBlock(0x20000000)])).toEqual([]);
    expect(await answers(link, [encodeCommand(commandCode.connect)])).toEqual([]);
  });

  it('loses replies that do not fit its transmit buffer', async () => {
    const { open } = katapultRig();
    const link = await open();
    const ask = (count: number) => Array.from({ length: count }, () => encodeRequestBlock(application));
    expect(await answers(link, ask(3))).toHaveLength(3);
    expect((await answers(link, ask(5))).length).toBeLessThan(5);
  });

  it('keeps a reply that ends on a full packet from the host until more comes', async () => {
    const { open } = katapultRig();
    const link = await open();
    // Nine replies of 8 bytes: one goes out at once, eight together are one packet of 64.
    const dummy = encodeCommand(commandCode.dummy);
    const nine = Array.from({ length: 9 }, () => dummy);
    expect(await answers(link, nine)).toHaveLength(1);
    expect(await answers(link, [dummy])).toHaveLength(9);
  });
});

describe('faults of Katapult', () => {
  it('loses the reply and has done the work', async () => {
    const { open, flash } = katapultRig({
      faults: [{ kind: 'lost-answer', mode: 'katapult', nth: 1, only: commandCode.sendBlock }],
    });
    const link = await open();
    const frame = encodeSendBlock(application, block(5));
    expect(await answers(link, [frame])).toEqual([]);
    expect(flash.read(application, 1)).toEqual(Uint8Array.of(5));
    expect(await answers(link, [frame])).toMatchObject([{ type: 'ack' }]);
  });

  it('changes one byte of the second reply', async () => {
    const { open } = katapultRig({
      faults: [{ kind: 'corrupt-answer', mode: 'katapult', nth: 2, offset: 10, xor: 1 }],
    });
    const link = await open();
    const ask = [1, 2, 3].map(() => encodeRequestBlock(application));
    expect(await answers(link, ask)).toHaveLength(2);
  });

  it('is busy once', async () => {
    const { open } = katapultRig({ faults: [{ kind: 'busy-answer', nth: 1 }] });
    const got = await answers(
      await open(),
      [1, 2].map(() => encodeRequestBlock(application)),
    );
    expect(got.map((answer) => answer.type)).toEqual(['busy', 'ack']);
  });

  it('loses its cable at a byte of a block and nothing behind it is written', async () => {
    const { open, flash } = katapultRig({
      faults: [{ kind: 'unplug', mode: 'katapult', phase: 'write', after: 100 }],
    });
    const link = await open();
    const sent = [0, 1, 2].map((index) => encodeSendBlock(application + index * 64, block(0)));
    await link.write(Uint8Array.from(sent.flatMap((frame) => [...frame])));
    await expect(readAll(link, 48)).resolves.toHaveLength(0);
    await expect(link.read({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'link/gone' });
    expect(flash.read(application + 99, 2)).toEqual(Uint8Array.of(0, 0xff));
  });
});
