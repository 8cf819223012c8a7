import { isRecord } from '../image/dictionary.ts';
import type { PrinterMcu } from './printer-mcu.ts';

/** Klipper's data dictionary, as `findDictionary` returns it or a board sends it. */
export type DataDictionary = Readonly<Record<string, unknown>>;

export interface FormatDifference {
  /** Of the command or response: `config_digital_out`. */
  readonly name: string;
  /** As the board has it; null if it lacks it. */
  readonly board: string | null;
  /** As the host's commit has it. */
  readonly host: string;
}

export interface DictionaryComparison {
  readonly verdict: Exclude<PrinterMcu['verdict'], 'unknown'>;
  /** Commands and responses of the host's commit that the board lacks or has in another form, by name. */
  readonly formats: readonly FormatDifference[];
}

/** What Klipper's reader knows before a board has sent anything (klippy/msgproto.py, `DefaultMessages`). */
const known = ['identify_response offset=%u data=%.*s', 'identify offset=%u count=%c'];

/**
 * Whether a board's firmware works with the Klipper of another commit. Klipper asks for each command and response by its
 * whole format and refuses ("MCU Protocol error") one that the board lacks or has in another form
 * (klippy/msgproto.py, `lookup_command`); numbers of messages, further commands of the board and its enumerations are
 * read from the board itself. `host` is the dictionary that the host's commit builds for this board: a format that only
 * it has may be one that this printer does not use, so `must` errs on the safe side.
 */
export function compareDictionaries(board: DataDictionary, host: DataDictionary): DictionaryComparison {
  const formatsOfBoard = formatsByName(board, known);
  const formats = [...formatsByName(host, [])].flatMap(([name, wanted]) => {
    const found = formatsOfBoard.get(name) ?? null;
    return found === wanted ? [] : [{ name, board: found, host: wanted }];
  });
  formats.sort((a, b) => (a.name < b.name ? -1 : 1));
  if (formats.length > 0) return { verdict: 'must', formats };
  return { verdict: isSameCode(board, host) ? 'same-code' : 'same-protocol', formats };
}

/** Later ones of a name replace earlier ones, in the order in which Klipper reads them: commands, then responses. */
function formatsByName(dictionary: DataDictionary, more: readonly string[]): Map<string, string> {
  const parts = [dictionary['commands'], dictionary['responses']];
  const formats = [...more, ...parts.flatMap((part) => (isRecord(part) ? Object.keys(part) : []))];
  return new Map(formats.map((format) => [format.split(' ', 1)[0] ?? format, format]));
}

/** The version names the commit; one of a changed tree also says when and where it was built (Klipper, buildcommands.py). */
function isSameCode(board: DataDictionary, host: DataDictionary): boolean {
  const { version } = board;
  return typeof version === 'string' && version !== '' && version !== '?' && version === host['version'];
}
