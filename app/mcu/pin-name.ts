/** A pin as Klipper spells it, of one that a person typed: `PD0`, `gpio4`. */
export function pinName(text: string): string {
  const pin = text.trim();
  return /^gpio\d+$/i.test(pin) ? pin.toLowerCase() : pin.toUpperCase();
}
