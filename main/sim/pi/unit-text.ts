/**
 * A file in systemd's format, parsed here and not with the planner's reader, so that one mistake cannot hide the other.
 */
export interface UnitText {
  /** In their order. */
  values(section: string, key: string): string[];
  hasSection(section: string): boolean;
}

export function readUnit(text: string): UnitText {
  const entries: [string, string, string][] = [];
  const sections = new Set<string>();
  let section = '';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    if (line.startsWith('[') && line.endsWith(']')) {
      section = line.slice(1, -1);
      sections.add(section);
      continue;
    }
    const at = line.indexOf('=');
    if (at > 0) entries.push([section, line.slice(0, at).trim(), line.slice(at + 1).trim()]);
  }
  return {
    values: (wantedSection, wantedKey) =>
      entries.flatMap(([each, key, value]) => (each === wantedSection && key === wantedKey ? [value] : [])),
    hasSection: (wanted) => sections.has(wanted),
  };
}
