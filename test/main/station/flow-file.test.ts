import { describe, expect, it } from 'vitest';
import { newFlow, type FlowState } from '../../../app/flow/flow-state.ts';
import { flowFormat } from '../../../main/station/flow-file.ts';

const read = (json: unknown): { flows: readonly FlowState[]; aside: readonly unknown[] } => {
  const aside: unknown[] = [];
  const flows = flowFormat.read(JSON.parse(JSON.stringify(json)), (record) => aside.push(record));
  return { flows, aside };
};

describe('the file of flows', () => {
  const flow = newFlow('1', '2026-01-01T00:00:00.000Z', 'usb:1-1');

  it('is read as it was written', () => {
    expect(read([flow])).toEqual({ flows: [flow], aside: [] });
  });

  it('may be of a version that knew nothing of Pis', () => {
    const { pi, ...old } = { ...flow, stage: 'flash' };
    expect(pi).toBeNull();
    expect(read([old]).flows).toEqual([{ ...old, pi: null }]);
  });

  it('may be of a version that asked for no confirmations', () => {
    const { confirmations, ...old } = flow;
    expect(read([old]).flows).toEqual([{ ...old, confirmations }]);
  });

  it('may be of a version that named images by their firmware', () => {
    const images = { bootloader: 'a'.repeat(64), application: 'b'.repeat(64) };
    const old = { ...flow, images: { katapult: images.bootloader, klipper: images.application } };
    expect(read([old])).toEqual({ flows: [{ ...flow, images }], aside: [] });
  });

  it('loses no flow to an odd one beside it', () => {
    expect(read([flow, { id: 3 }])).toEqual({ flows: [flow], aside: [{ id: 3 }] });
  });

  it('keeps a flow whose error code this version does not know', () => {
    const trouble = { code: 'dfu/renamed-since', message: 'It failed.', state: null };
    expect(read([{ ...flow, trouble }]).flows).toEqual([
      { ...flow, trouble: { ...trouble, code: 'internal' } },
    ]);
  });
});
