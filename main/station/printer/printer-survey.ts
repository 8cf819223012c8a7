import type { PresetChoice } from '../../../app/boards/preset.ts';
import type { PiHost } from '../../../app/pi/pi-host.ts';
import { lookAtPrinter } from '../../../app/printer/printer-on-pi.ts';
import type { PrinterSurvey } from '../../../app/printer/printer-mcu.ts';
import { surveyMcu, type McuKnowledge, type SurveyedPi } from '../../../app/printer/survey.ts';
import type { ConfigMcu } from '../../../app/pi/config-mcus.ts';

/** The board that a person says an MCU is. */
export interface NamedBoard {
  /** The MCU's section of printer.cfg. */
  readonly name: string;
  readonly presetId: PresetChoice['preset']['id'];
  readonly variantId: string | null;
}

interface SurveyOptions extends SurveyedPi {
  /** Null for the only printer of the Pi. */
  readonly printer: string | null;
  readonly boards: readonly NamedBoard[];
  readonly known: (mcu: ConfigMcu) => Promise<McuKnowledge>;
  readonly signal: AbortSignal;
}

/** Looks at every MCU of a printer; changes nothing. Throws as `lookAtPrinter`. */
export async function surveyPrinter(
  host: PiHost,
  { piId, isVirtual, printer: name, boards, known, signal }: SurveyOptions,
): Promise<PrinterSurvey> {
  const { facts, printer, mcus, reported, hostVersion, busy, hot } = await lookAtPrinter(host, name, signal);
  const surveyed = mcus.map(async (mcu) => {
    const named = boards.find((each) => each.name === mcu.section);
    const knows = await known(mcu);
    const bus = mcu.kind === 'can' ? facts.interfaces.find((each) => each.name === mcu.interfaceName) : null;
    return surveyMcu(
      mcu,
      { piId, isVirtual },
      {
        reported: reported.get(mcu.section) ?? null,
        known: named === undefined ? knows : { ...knows, preset: named },
        hostVersion,
        busBitrateBps: bus?.bitrateBps ?? null,
      },
    );
  });
  return {
    printer: printer.name,
    piId,
    hostVersion,
    mcus: await Promise.all(surveyed),
    busy,
    hot: hot?.slice() ?? null,
  };
}
