import { safeText } from './safe-text.ts';

/** HTML or SVG that was made by `markup`. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Value = string | number | Markup | readonly (string | number | Markup)[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function written(value: Value): string {
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return safeText(value).replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
  return value.map(written).join('');
}

/**
 * A template of HTML or SVG. Every value in it becomes text; only other markup stays markup. Lint finds templates with
 * tags that are not made by it.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.map((part, index) => part + written(values[index] ?? '')).join(''));
}

/** Markup with `between` between the items. */
export function joined(items: readonly (string | Markup)[], between: Markup): Markup {
  return markup`${items.flatMap((item, index) => (index === 0 ? [item] : [between, item]))}`;
}
