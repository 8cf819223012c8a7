import type { Preset } from '../../../app/boards/preset-schema.ts';
import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import { parseBoardCode } from '../../../app/history/board-code.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import { exportPart } from '../../history/export-runs.ts';
import type { HistoryAccess } from '../../history/history-access.ts';
import { makeReport } from '../../history/make-report.ts';

type HistoryHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `history.${string}`>>;

export interface HistoryParts {
  readonly history: HistoryAccess;
  readonly cache: Pick<ImageCache, 'keys'>;
  readonly presets: readonly Preset[];
}

/** The entries of the contract that are about what was done. All reject with `history/…` where there is no history. */
export function historyHandlers({ history, cache, presets }: HistoryParts): HistoryHandlers {
  return {
    'history.page': async ({ filter, limit, after }) => {
      const opened = history.open();
      await opened.markInterrupted();
      const page = opened.page(filter, limit, after);
      return { ...page, total: after === null ? opened.count(filter) : null };
    },
    'history.get': async ({ id }) => Promise.resolve(history.open().get(id)),
    'history.choices': async () => Promise.resolve(history.open().choices()),
    'history.what': async ({ code, against }) => {
      const board = parseBoardCode(code);
      const cached = new Set(await cache.keys());
      return history.open().what(board, { against, cached });
    },
    'history.export': async ({ filter, format, after }) =>
      Promise.resolve(exportPart(history.open(), filter, format, after)),
    'history.report': async ({ filter }) =>
      Promise.resolve({ html: makeReport(history.open(), filter, presets) }),
    'history.interrupted': async () => {
      const opened = history.open();
      await opened.markInterrupted();
      return opened.interrupted();
    },
    'history.acknowledge': async ({ id }) => {
      history.open().acknowledge(id);
      return Promise.resolve(null);
    },
    'history.watch': async function* (_, { signal }) {
      const opened = history.open();
      for await (const changes of opened.changes(signal)) yield { changes, session: opened.session };
    },
  };
}
