/** A chip UID for a number. */
export function uidOf(number: number): string {
  return number.toString(16).toUpperCase().padStart(24, '0');
}
