import { expect, it } from 'vitest';
import type { CliIo } from '../../../main/hosts/cli/context.ts';
import { setUpDemoPi } from '../../../main/hosts/cli/demo-pi.ts';
import { flashBoard } from '../../../main/jobs/flash-board.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { openDemo } from '../../../main/station/demo.ts';

it('the demo goes from a bare board to a Pi that is proven', async () => {
  await using demo = await openDemo(new VirtualClock());
  const { canbusUuid } = await flashBoard(demo.services, {
    place: demo.place,
    images: demo.images,
    onEvent: (event) => {
      if (event.type === 'ask') demo.obey(event.ask);
    },
  });
  const printed: string[] = [];
  const io: Pick<CliIo, 'signal' | 'print' | 'emit'> = {
    signal: new AbortController().signal,
    print: (text) => printed.push(text),
    emit: (event, describe) => printed.push(describe?.(event) ?? ''),
  };
  if (canbusUuid === null) throw new Error('the bridge told no UID');
  const proofs = await setUpDemoPi(io, demo.pi, canbusUuid);
  expect(proofs.map(({ proof, outcome }) => `${proof} ${outcome}`)).toEqual([
    'interface proven',
    'return proven',
    'klipper proven',
    'nodes proven',
  ]);
  expect(proofs.at(-1)?.seen).toContain(canbusUuid);
  expect(printed.join('\n')).toContain(`+canbus_uuid: ${canbusUuid}`);
});
