import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../../app/errors.ts';
import {
  decodeState,
  decodeStatus,
  stateNames,
  statusNames,
} from '../../../../app/protocols/dfuse/status.ts';
import { mutations } from './mutate.ts';
import { cases } from '../../../counts.ts';

describe('GETSTATUS', () => {
  it('decodes what a ROM replies', () => {
    expect(decodeStatus(Uint8Array.of(0, 0x64, 0, 0, 4, 0))).toEqual({
      status: 'OK',
      pollTimeoutMs: 100,
      state: 'dfuDNBUSY',
      iString: 0,
    });
    expect(decodeStatus(Uint8Array.of(0x0a, 0, 0, 0, 0x0a, 0))).toMatchObject({
      status: 'errFIRMWARE',
      state: 'dfuERROR',
    });
    expect(decodeStatus(Uint8Array.of(0x0b, 1, 2, 3, 2, 7))).toEqual({
      status: 'errVENDOR',
      pollTimeoutMs: 0x030201,
      state: 'dfuIDLE',
      iString: 7,
    });
  });

  it('knows every status and state of the specification by its value', () => {
    expect(statusNames[0x08]).toBe('errADDRESS');
    expect(statusNames[0x0f]).toBe('errSTALLEDPKT');
    expect(statusNames).toHaveLength(16);
    expect(stateNames[5]).toBe('dfuDNLOAD-IDLE');
    expect(stateNames[9]).toBe('dfuUPLOAD-IDLE');
    expect(stateNames).toHaveLength(11);
  });

  it.each([
    ['nothing', []],
    ['five bytes', [0, 0, 0, 0, 2]],
    ['seven bytes', [0, 0, 0, 0, 2, 0, 0]],
    ['status 16', [16, 0, 0, 0, 2, 0]],
    ['state 11', [0, 0, 0, 0, 11, 0]],
  ])('rejects %s as link/protocol', (_, bytes) => {
    expect(() => decodeStatus(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'link/protocol' }),
    );
  });

  it('decodes or rejects random and damaged replies', () => {
    const seeds = [Uint8Array.of(0, 0x68, 0, 0, 4, 0), Uint8Array.of(0x0a, 0, 0, 0, 0x0a, 0)];
    let decoded = 0;
    for (const bytes of mutations(seeds, 1)) {
      try {
        const { pollTimeoutMs } = decodeStatus(bytes);
        if (pollTimeoutMs >= 0 && pollTimeoutMs < 2 ** 24) decoded++;
      } catch (error) {
        if (!isCanopusError(error, 'link/protocol')) throw error;
      }
    }
    expect(decoded).toBeGreaterThan(cases(1000));
  });
});

describe('GETSTATE', () => {
  it('decodes one byte and rejects anything else', () => {
    expect(decodeState(Uint8Array.of(3))).toBe('dfuDNLOAD-SYNC');
    for (const bytes of [[], [11], [255], [2, 0]]) {
      expect(() => decodeState(Uint8Array.from(bytes))).toThrow(
        expect.objectContaining({ code: 'link/protocol' }),
      );
    }
  });
});
