import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import { JsonStore, type JsonFormat } from '../../files/json-store.ts';
import type { DesktopApi, DesktopWindow } from './electron-api.ts';

const bounds = z.strictObject({ x: z.int(), y: z.int(), width: z.int(), height: z.int() });
const kept = z.strictObject({ bounds, isMaximized: z.boolean() });
type Bounds = z.infer<typeof bounds>;
type Kept = z.infer<typeof kept>;

const format: JsonFormat<Kept | null> = { empty: null, read: (json) => kept.parse(json), write: (it) => it };

const usual = { width: 1280, height: 800 } as const;
/** How much of a window must be on a screen to be grabbed. */
const grabbable = 100;

/** The place of the window when it was last closed, in `window.json`. */
export class WindowState {
  readonly #store: JsonStore<Kept | null>;

  private constructor(store: JsonStore<Kept | null>) {
    this.#store = store;
  }

  static async open(folder: string, report: (error: unknown) => void): Promise<WindowState> {
    return new WindowState(await JsonStore.open({ path: join(folder, 'window.json'), format, report }));
  }

  /** Bounds to open a window with: the last ones if they are still on a screen. */
  read(displays: ReturnType<DesktopApi['screen']['getAllDisplays']>): {
    bounds: Partial<Bounds>;
    isMaximized: boolean;
  } {
    const last = this.#store.current;
    const isOnScreen = last !== null && displays.some(({ workArea }) => isVisible(last.bounds, workArea));
    return isOnScreen ? last : { bounds: usual, isMaximized: false };
  }

  save(window: DesktopWindow): void {
    const { x, y, width, height } = window.getNormalBounds();
    const now: Kept = { bounds: { x, y, width, height }, isMaximized: window.isMaximized() };
    // At its end the program does not wait for a write, so none is started needlessly.
    if (!isDeepStrictEqual(now, this.#store.current)) this.#store.keep(now);
  }

  /** Resolves when the last state is on disk, or could not be written. */
  settled(): Promise<void> {
    return this.#store.settled();
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
