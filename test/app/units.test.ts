import { describe, expect, it } from 'vitest';
import {
  bitrateLimits,
  bitrateSchema,
  canbusUuidSchema,
  interfaceNameSchema,
  isInterfaceName,
  isKernelInterfaceName,
  isSha256,
  parseCanbusUuid,
  parseSha256,
  parseUid,
  txQueueLimits,
  txQueueSchema,
  usualBus,
} from '../../app/units.ts';

const uid = '430014000A50534E4E313120';

describe('parseUid', () => {
  it('reads 24 hex digits of either case as upper case', () => {
    expect(parseUid(uid.toLowerCase())).toBe(uid);
    expect(parseUid(uid)).toBe(uid);
  });

  it.each(['', uid.slice(1), `${uid}0`, 'G30014000A50534E4E313120'])('takes %s for no UID', (text) =>
    expect(parseUid(text)).toBeNull(),
  );
});

describe('parseCanbusUuid', () => {
  it('reads 12 hex digits of either case as lower case, which alone is how one is kept', () => {
    expect(parseCanbusUuid('6BEB0175188A')).toBe('6beb0175188a');
    expect(canbusUuidSchema.safeParse('6beb0175188a').success).toBe(true);
    expect(canbusUuidSchema.safeParse('6BEB0175188A').success).toBe(false);
  });

  it.each(['', '6beb0175188', '6beb0175188a0', '6beb0175188g'])('takes "%s" for none', (text) =>
    expect(parseCanbusUuid(text)).toBeNull(),
  );
});

it('knows a SHA-256 by 64 lower-case hex digits, and reads those of a person in either case', () => {
  expect(isSha256('a0'.repeat(32))).toBe(true);
  expect(isSha256('A0'.repeat(32))).toBe(false);
  expect(parseSha256('A0'.repeat(32))).toBe('a0'.repeat(32));
  expect(parseSha256('a0'.repeat(31))).toBeNull();
});

it('takes names of interfaces that are safe in files and rules', () => {
  for (const name of ['can0', 'canbus-1', 'a_23456789012345'.slice(0, 15)]) {
    expect(isInterfaceName(name)).toBe(true);
    expect(interfaceNameSchema.safeParse(name).success).toBe(true);
  }
  for (const name of ['', '0can', 'can 0', 'can/0', 'a234567890123456', 'can0\n']) {
    expect(isInterfaceName(name)).toBe(false);
    expect(interfaceNameSchema.safeParse(name).success).toBe(false);
  }
  expect(isKernelInterfaceName('can12')).toBe(true);
  expect(isKernelInterfaceName('canbus0')).toBe(false);
});

it('holds bit rate and queue within their limits, the usual ones among them', () => {
  for (const [schema, { min, max }, usual] of [
    [bitrateSchema, bitrateLimits, usualBus.bitrateBps],
    [txQueueSchema, txQueueLimits, usualBus.txQueueLength],
  ] as const) {
    expect([min, usual, max].every((value) => schema.safeParse(value).success)).toBe(true);
    expect([min - 1, max + 1, min + 0.5].some((value) => schema.safeParse(value).success)).toBe(false);
  }
});
