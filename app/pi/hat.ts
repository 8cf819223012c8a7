import { systemFile, textOf } from './can-sources.ts';
import type { PiFacts } from './facts.ts';
import type { PlanDraft } from './plan-draft.ts';

/** A line of the boot configuration that gives the Pi its own CAN controller. */
interface HatOverlay {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** CAN controllers on SPI that Raspberry Pi's overlays support (firmware README of overlays: mcp2515, mcp251xfd). */
const overlay = /^\s*dtoverlay\s*=\s*(?:mcp251\w*|seeed-can-fd-hat\S*|2xmcp251\w*)/;

/** Newer systems keep the file in /boot/firmware; the old place may hold a copy that is not read. */
export function hatOverlays(facts: PiFacts): HatOverlay[] {
  const file = systemFile(facts, '/boot/firmware/config.txt') ?? systemFile(facts, '/boot/config.txt');
  if (file === null) return [];
  return textOf(file)
    .split(/\r?\n/)
    .flatMap((text, line) => (overlay.test(text) ? [{ path: file.path, line, text: text.trim() }] : []));
}

/** Comments the overlays out; the Pi must be rebooted for that. */
export function commentOutOverlays(draft: PlanDraft, overlays: readonly HatOverlay[]): void {
  for (const { path, line } of overlays) {
    const lines = (draft.textOf(path) ?? '').split('\n');
    lines[line] = `#${lines[line] ?? ''}`;
    draft.changeFile(path, lines.join('\n'), 'the HAT would be can0 and push the bridge to can1');
  }
}
