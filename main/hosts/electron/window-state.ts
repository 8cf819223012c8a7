import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { DesktopApi, DesktopWindow } from './electron-api.ts';

const bounds = z.strictObject({ x: z.int(), y: z.int(), width: z.int(), height: z.int() });
const kept = z.strictObject({ bounds, isMaximized: z.boolean() });
type Bounds = z.infer<typeof bounds>;

const usual = { width: 1280, height: 800 } as const;
/** How much of a window must be on a screen to be grabbed. */
const grabbable = 100;

/** Where the window was when it was closed last, in a file. */
export class WindowState {
  readonly #file: string;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'window.json');
  }

  /** Bounds to open a window with: the last ones where they are still on a screen. */
  read(displays: ReturnType<DesktopApi['screen']['getAllDisplays']>): {
    bounds: Partial<Bounds>;
    isMaximized: boolean;
  } {
    try {
      const last = kept.safeParse(JSON.parse(readFileSync(this.#file, 'utf8')));
      if (last.success && displays.some(({ workArea }) => isVisible(last.data.bounds, workArea))) {
        return last.data;
      }
    } catch {
      // The first start, or a file that somebody wrote into: the usual place will do.
    }
    return { bounds: usual, isMaximized: false };
  }

  save(window: DesktopWindow): void {
    try {
      const { x, y, width, height } = window.getNormalBounds();
      const text = JSON.stringify({ bounds: { x, y, width, height }, isMaximized: window.isMaximized() });
      writeFileSync(this.#file, text);
    } catch {
      // A full disk must not keep the window open.
    }
  }
}

function isVisible(window: Bounds, screen: Bounds): boolean {
  const overlap = (from: number, size: number, screenFrom: number, screenSize: number): number =>
    Math.min(from + size, screenFrom + screenSize) - Math.max(from, screenFrom);
  return (
    overlap(window.x, window.width, screen.x, screen.width) >= grabbable &&
    overlap(window.y, window.height, screen.y, screen.height) >= grabbable
  );
}
