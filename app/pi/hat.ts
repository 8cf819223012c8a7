import { systemFile, textOf } from './pi-files.ts';
import type { PiFacts } from './facts.ts';
import type { PlanDraft } from './plan-draft.ts';

/** A line of the boot configuration that gives the Pi its own CAN controller. */
interface HatOverlay {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/**
 * Overlays of CAN controllers: in Raspberry Pi's own list (boot/overlays/README of its firmware) mcp2515, mcp2515-can0,
 * mcp2515-can1, mcp251xfd, seeed-can-fd-hat-v1, -v2 and waveshare-can-fd-hat-mode-a, -b; 2xMCP2517FD and 2xMCP2518FD
 * come with HATs; on Rockchip and Allwinner can1, can2-m0 and the like are controllers of the chip itself.
 */
const canOverlay = /mcp251|mcp25625|can-fd-hat|(?:^|-)can\d*(?:-m\d+)?$/i;

/** Raspberry Pi's. Newer systems keep it in /boot/firmware; the old place may then hold a copy that is not read. */
const piFiles = ['/boot/firmware/config.txt', '/boot/config.txt'];

/** Lists of overlays: Armbian's, and those of BigTreeTech's CB1, Orange Pi and DietPi. */
const listFiles = [
  '/boot/armbianEnv.txt',
  '/boot/BoardEnv.txt',
  '/boot/orangepiEnv.txt',
  '/boot/dietpiEnv.txt',
];

const listLine = /^(\s*(?:user_)?overlays\s*=)(.*)$/;

export function hatOverlays(facts: PiFacts): HatOverlay[] {
  const found = (path: string) => systemFile(facts, path) ?? [];
  const pi = piFiles.flatMap(found).slice(0, 1);
  const lists = listFiles.flatMap(found);
  return [...pi, ...lists].flatMap((file) =>
    textOf(file)
      .split(/\r?\n/)
      .flatMap((text, line) =>
        canOverlaysOf(text).length > 0 ? [{ path: file.path, line, text: text.trim() }] : [],
      ),
  );
}

/** The CAN controllers that a line sets up, by the names of their overlays. */
function canOverlaysOf(line: string): string[] {
  const list = listLine.exec(line)?.[2];
  if (list !== undefined) return list.split(/\s+/).filter((name) => canOverlay.test(name));
  const one = /^\s*(?:dtoverlay|device_tree_overlay)\s*=\s*(.*)$/.exec(line)?.[1] ?? '';
  const name = (one.split(/[\s,]/)[0] ?? '').replace(/\.dtbo$/, '');
  // What "anyspi" is says a parameter.
  const device = name === 'anyspi' ? (/dev="?[\w-]+,([\w-]+)/.exec(one)?.[1] ?? '') : '';
  return [name, device].filter((each) => canOverlay.test(each));
}

/** Takes the overlays out; the Pi must be rebooted for that. A list keeps its other overlays. */
export function commentOutOverlays(draft: PlanDraft, overlays: readonly HatOverlay[]): void {
  for (const { path, line } of overlays) {
    const lines = (draft.textOf(path) ?? '').split('\n');
    const text = lines[line] ?? '';
    lines[line] = withoutCan(text);
    draft.changeFile(
      path,
      lines.join('\n'),
      'the HAT would take a name of the kernel (can0) and push the bridge to the next one',
    );
  }
}

function withoutCan(line: string): string {
  const list = listLine.exec(line.replace(/\r$/, ''));
  const others = list?.[2]?.split(/\s+/).filter((name) => name !== '' && !canOverlay.test(name)) ?? [];
  if (list === null || others.length === 0) return `#${line}`;
  return `${list[1] ?? ''}${others.join(' ')}${line.endsWith('\r') ? '\r' : ''}`;
}
