import { describe, expect, it } from 'vitest';
import { unknownBoard } from '../../../app/image/board-expectation.ts';
import { writeImage } from '../../../main/jobs/write-image.ts';
import { BenchRun, bareF446, imagesFor } from './bench-run.ts';

describe('writeImage through ROM DFU on a read-protected chip', () => {
  it('does not call a chip untouched that erased itself before its port was refused', async () => {
    await using run = new BenchRun(bareF446);
    const watch = await run.present('usb:1-1');
    run.board.arm({ kind: 'read-protection' });
    const { bootloader } = await imagesFor();
    const installing = writeImage({ devices: run.bench.devices, clock: run.clock, watch }, 'rom-dfu', {
      place: 'usb:1-1',
      image: bootloader,
      board: unknownBoard,
      confirmReadUnprotect: true,
      onEvent: (event) => {
        if (event.type === 'phase' && event.phase === 'unprotect') {
          run.board.arm({ kind: 'access', code: 'link/busy' });
        }
      },
    });
    await expect(installing).rejects.toMatchObject({ code: 'link/busy', state: 'dfu-partial' });
  });
});
