import { describe, expect, it } from 'vitest';
import { newFlow } from '../../../app/flow/flow-state.ts';
import { parseFlows } from '../../../main/station/flow-file.ts';

describe('the file of flows', () => {
  it('is read as it was written', () => {
    const flow = newFlow('1', '2026-01-01T00:00:00.000Z', '1-1');
    expect(parseFlows(JSON.stringify([flow]))).toEqual([flow]);
  });

  it('may be of a version that knew nothing of Pis', () => {
    const flow = newFlow('1', '2026-01-01T00:00:00.000Z', '1-1');
    const { pi, ...old } = { ...flow, stage: 'flash' };
    expect(pi).toBeNull();
    expect(parseFlows(JSON.stringify([old]))).toEqual([{ ...old, pi: null }]);
  });

  it('may be of a version that asked for no confirmations', () => {
    const flow = newFlow('1', '2026-01-01T00:00:00.000Z', '1-1');
    const { confirmations, ...old } = flow;
    expect(parseFlows(JSON.stringify([old]))).toEqual([{ ...old, confirmations }]);
  });

  it('is empty where it is damaged', () => {
    expect(parseFlows('[{"id":')).toEqual([]);
    expect(parseFlows('[{"id": 3}]')).toEqual([]);
  });
});
