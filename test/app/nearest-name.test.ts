import { describe, expect, it } from 'vitest';
import { nearestName } from '../../app/nearest-name.ts';

const boards = ['octopus', 'octopus-pro-1.1', 'leviathan', 'monster8', 'skr2'];

describe('the name that was meant', () => {
  it.each([
    ['octpus', 'octopus'],
    ['octopuss', 'octopus'],
    ['ocotpus', 'octopus'],
    ['Leviatan', 'leviathan'],
    ['octopus-pro-1.0', 'octopus-pro-1.1'],
    ['srk2', 'skr2'],
  ])('by %s is %s', (text, name) => {
    expect(nearestName(text, boards)).toBe(name);
  });

  it.each(['ender3', 'spider', '', 'skr3x'])('by %s is none of them', (text) => {
    expect(nearestName(text, boards)).toBeNull();
  });

  it('is the nearest of several', () => {
    expect(nearestName('f44', ['f407', 'f446', 'f429'])).toBe('f446');
  });
});
