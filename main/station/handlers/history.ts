import type { Preset } from '../../../app/boards/preset-schema.ts';
import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import { parseBoardCode } from '../../../app/history/board-code.ts';
import { writeFileAtomically } from '../../files/atomic-file.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import { exportPart } from '../../history/export-runs.ts';
import type { HistoryAccess } from '../../history/history-access.ts';
import { makeReport } from '../../history/make-report.ts';
import { saveRuns } from '../../history/save-runs.ts';
import { chosenPath } from '../chosen-path.ts';
import type { HostFeatures } from '../host-features.ts';

type HistoryHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `history.${string}`>>;

interface HistoryParts {
  readonly history: HistoryAccess;
  readonly cache: Pick<ImageCache, 'keys'>;
  readonly presets: readonly Preset[];
}

/** The entries of the contract about the history. All throw `history/…` if there is no history. */
export function historyHandlers(
  { history, cache, presets }: HistoryParts,
  host: Pick<HostFeatures, 'chooseFolder'>,
): HistoryHandlers {
  return {
    'history.page': async ({ filter, limit, offset }) => {
      const opened = history.open();
      if (offset > 0) return { runs: opened.slice(filter, limit, offset), total: null };
      await opened.markInterrupted();
      return { runs: opened.slice(filter, limit, 0), total: opened.count(filter) };
    },
    'history.get': ({ id }) => history.open().get(id),
    'history.choices': () => history.open().choices(),
    'history.what': async ({ code, against }) => {
      const board = parseBoardCode(code);
      const cached = new Set(await cache.keys());
      return history.open().what(board, { against, cached });
    },
    'history.export': ({ filter, format, after }) => exportPart(history.open(), filter, format, after),
    'history.report': ({ filter }) => ({ html: makeReport(history.open(), filter, presets) }),
    'history.save': async ({ filter, format }) => {
      const opened = history.open();
      const path = await chosenPath(host, `canopus-history.${format === 'report' ? 'html' : format}`);
      if (path === null) return null;
      if (format === 'report')
        await writeFileAtomically(path, Buffer.from(makeReport(opened, filter, presets)));
      else await saveRuns(opened, filter, format, path);
      return { path };
    },
    'history.interrupted': async () => {
      const opened = history.open();
      await opened.markInterrupted();
      return opened.interrupted();
    },
    'history.acknowledge': ({ id }) => history.open().acknowledge(id),
    'history.watch': async function* (_, { signal }) {
      const opened = history.open();
      for await (const changes of opened.changes(signal)) yield { changes, session: opened.session };
    },
  };
}
