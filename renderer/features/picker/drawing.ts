import type { PresetView } from '../../../app/contract/station-contract.ts';

export type Shape =
  'terminals' | 'socket' | 'jack' | 'jst' | 'header' | 'jumper' | 'button' | 'card' | 'plugs';

/** A part of the drawing, in its coordinates. */
export interface PlacedPart {
  /** The id that the preset's steps use; `can` for the CAN connector. */
  readonly id: string;
  readonly shape: Shape;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The word printed beside it, or a short name. */
  readonly label: string;
  /** Whether the label's text starts, ends or is centred here. */
  readonly labelX: number;
  readonly labelY: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

export const drawingSize = { width: 360, height: 220 } as const;

type Place = Omit<PlacedPart, 'id' | 'label'>;

const below = (x: number, y: number, width: number, height: number, shape: Shape): Place => ({
  shape,
  x,
  y,
  width,
  height,
  labelX: x + width / 2,
  labelY: y + height + 13,
  anchor: 'middle',
});

/**
 * Positions by kind of part, whatever its number or name on a particular board. A drawing shows what to look
 * for, not where.
 */
const places: Readonly<Record<string, Place>> = {
  power: below(10, 36, 38, 38, 'terminals'),
  heaters: { ...below(10, 98, 38, 72, 'terminals'), labelX: 14, anchor: 'start' },
  usb: below(316, 40, 34, 26, 'socket'),
  'usb-power': below(262, 40, 30, 13, 'jumper'),
  reset: below(232, 84, 22, 22, 'button'),
  'boot0-jumper': below(229, 132, 28, 14, 'jumper'),
  'boot0-button': below(232, 130, 22, 22, 'button'),
  sd: { ...below(148, 176, 44, 30, 'card'), labelY: 194 },
  display: below(92, 30, 62, 18, 'plugs'),
  termination: below(272, 172, 28, 13, 'jumper'),
};

const can: Readonly<Record<'jack' | 'jst' | 'header', Place>> = {
  jack: below(312, 104, 38, 32, 'jack'),
  jst: below(318, 112, 28, 18, 'jst'),
  header: below(314, 112, 32, 14, 'header'),
};

/** The kind of part that a preset's id names; null for one without a place in the drawing. */
function kindOf(id: string): string | null {
  if (id.startsWith('usb-power')) return 'usb-power';
  if (id.startsWith('usb')) return 'usb';
  if (id.startsWith('power')) return 'power';
  if (id === 'heaters') return 'heaters';
  if (id.startsWith('reset')) return 'reset';
  if (id === 'boot0-button') return 'boot0-button';
  if (id.startsWith('boot0')) return 'boot0-jumper';
  if (id === 'sd-card') return 'sd';
  if (id === 'display') return 'display';
  if (id === 'termination-jumper' || id === 'can-select') return 'termination';
  return null;
}

/** The word on the board, from the preset's words for a part. */
function labelOf(kind: string, words: string): string {
  const printed = /BOOT0|BT0|RESET|RST|U5V|EXP1\/EXP2|120R|J2/.exec(words)?.[0];
  if (printed !== undefined) return printed;
  const plain: Readonly<Record<string, string>> = {
    power: /24 ?V/.test(words) ? '24 V' : 'POWER',
    heaters: 'HEATERS',
    usb: /USB-C/.test(words) ? 'USB-C' : 'USB',
    'usb-power': '5V USB',
    sd: 'SD',
  };
  return plain[kind] ?? words;
}

function canShape(connector: string | null): 'jack' | 'jst' | 'header' {
  if (connector !== null && /RJ1[12]/.test(connector)) return 'jack';
  return connector !== null && /JST/.test(connector) ? 'jst' : 'header';
}

/** Every part that the preset names, and its CAN connector, as a schematic of the board. */
export function drawingOf(preset: Pick<PresetView, 'parts' | 'connector'>): readonly PlacedPart[] {
  const parts = Object.entries(preset.parts).flatMap(([id, words]): PlacedPart[] => {
    const kind = kindOf(id);
    const place = kind === null ? undefined : places[kind];
    return kind === null || place === undefined ? [] : [{ ...place, id, label: labelOf(kind, words) }];
  });
  return [...parts, { ...can[canShape(preset.connector.value)], id: 'can', label: 'CAN' }];
}
