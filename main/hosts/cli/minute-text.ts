/** A time of a record as a column shows it, `2026-11-30 12:33`, in UTC. `at` is ISO 8601. */
export function minuteText(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}
