import { describe, expect, it } from 'vitest';
import { heaterNames, heatWords, hotHeaters, parseHeaters } from '../../../app/pi/heaters.ts';

const query = {
  status: {
    extruder: { temperature: 61.4, target: 0 },
    extruder1: { temperature: 24.9, target: 0 },
    heater_bed: { temperature: 58, target: 0 },
    'heater_generic chamber': { temperature: 30, target: 45 },
    broken: { temperature: 'hot' },
  },
};

describe('the heaters of a printer', () => {
  it('are read by the names that Klipper lists', () => {
    const names = heaterNames({
      status: { heaters: { available_heaters: ['extruder', 7, 'broken', '\ud800'] } },
    });
    expect(names).toEqual(['extruder', 'broken']);
    expect(parseHeaters(names, query)).toEqual([{ name: 'extruder', temperature: 61.4, target: 0 }]);
  });

  it.each([null, {}, { status: {} }, { status: { heaters: { available_heaters: 'x' } } }, []])(
    'are none where Klipper says nothing of them: %j',
    (told) => {
      expect(heaterNames(told)).toEqual([]);
    },
  );

  it('count as hot if they heat, hot ends also until they are cold; a warm bed does not', () => {
    const all = parseHeaters(Object.keys(query.status), query);
    const hot = hotHeaters(all);
    expect(hot.map(({ name }) => name)).toEqual(['extruder', 'heater_generic chamber']);
    expect(heatWords(hot)).toBe('extruder still has 61 °C; heater_generic chamber is set to 45 °C');
    expect(heatWords([])).toBeNull();
    expect(heatWords(null)).toMatch(/does not say/);
  });
});
