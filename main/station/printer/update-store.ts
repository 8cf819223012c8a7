import {
  newestJournal,
  updateJournalSchema,
  type UpdateJournal,
} from '../../../app/printer/update-journal.ts';
import { jsonList } from '../../files/json-list.ts';
import { JsonStore } from '../../files/json-store.ts';

/** The last update of each printer, as this station knows it. */
export class UpdateStore {
  readonly #file: JsonStore<readonly UpdateJournal[]>;

  private constructor(file: JsonStore<readonly UpdateJournal[]>) {
    this.#file = file;
  }

  static async open(path: string, report: (error: unknown) => void): Promise<UpdateStore> {
    return new UpdateStore(await JsonStore.open({ path, format: jsonList(updateJournalSchema), report }));
  }

  get(piId: string, printer: string): UpdateJournal | null {
    return newestJournal(this.#file.current.filter((each) => isOf(each, piId, printer)));
  }

  /** Resolves when it is on disk. Throws `file/…`. */
  async save(journal: UpdateJournal): Promise<void> {
    const others = this.#file.current.filter((each) => !isOf(each, journal.piId, journal.printer));
    await this.#file.save([...others, journal]);
  }
}

const isOf = (journal: UpdateJournal, piId: string, printer: string): boolean =>
  journal.piId === piId && journal.printer === printer;
