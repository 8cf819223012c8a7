import type { ContractClient } from './client.ts';
import type { EventOf, Handlers, InputOf, OutputOf } from './define.ts';
import { appEntries } from './entries/app.ts';
import { backupEntries } from './entries/backups.ts';
import { benchEntries } from './entries/bench.ts';
import { boardEntries } from './entries/boards.ts';
import { buildEntries } from './entries/builds.ts';
import { bundleEntries } from './entries/bundles.ts';
import { canEntries } from './entries/can.ts';
import { cardEntries } from './entries/cards.ts';
import { doctorEntries } from './entries/doctor.ts';
import { flashEntries } from './entries/flash.ts';
import { flowEntries } from './entries/flows.ts';
import { historyEntries } from './entries/history.ts';
import { hostEntries } from './entries/host.ts';
import { imageEntries } from './entries/images.ts';
import { jobEntries } from './entries/jobs.ts';
import { piEntries } from './entries/pi.ts';
import { presetEntries } from './entries/presets.ts';
import { printerEntries } from './entries/printer.ts';
import { recipeEntries } from './entries/recipes.ts';
import { settingsEntries } from './entries/settings.ts';
import { simEntries } from './entries/sim.ts';
import { updateEntries } from './entries/updates.ts';

/** Everything a window may ask of the station. */
export const stationContract = {
  ...appEntries,
  ...hostEntries,
  ...boardEntries,
  ...benchEntries,
  ...recipeEntries,
  ...presetEntries,
  ...imageEntries,
  ...buildEntries,
  ...bundleEntries,
  ...flashEntries,
  ...canEntries,
  ...cardEntries,
  ...backupEntries,
  ...flowEntries,
  ...jobEntries,
  ...settingsEntries,
  ...doctorEntries,
  ...updateEntries,
  ...historyEntries,
  ...piEntries,
  ...printerEntries,
  ...simEntries,
};

export type StationContract = typeof stationContract;
export type StationHandlers = Handlers<StationContract>;
export type StationClient = ContractClient<StationContract>;

export type StationInput<N extends keyof StationContract> = InputOf<StationContract, N>;
export type StationOutput<N extends keyof StationContract> = OutputOf<StationContract, N>;
export type StationEvent<N extends keyof StationContract> = EventOf<StationContract, N>;

type ItemOf<E> = E extends { readonly type: 'item'; readonly item: infer I } ? I : never;

export type JobView = ItemOf<StationEvent<'jobs.overview'>>;
export type JobEvent = StationEvent<'jobs.watch'>['event'];
export type BenchSlotView = ItemOf<StationEvent<'bench.slots'>>;
export type BackupView = StationOutput<'backups.list'>['backups'][number];
export type RunView = StationOutput<'history.get'>;
export type ImageView = StationOutput<'images.import'>;
export type VirtualBoardView = ItemOf<StationEvent<'sim.watch'>>;
export type VirtualPiView = ItemOf<StationEvent<'sim.watchPi'>>;
export type FlowInput = StationInput<'flows.choose'>['choice'];
export type PresetView = StationOutput<'presets.list'>[number];
export type PiView = ItemOf<StationEvent<'pi.watch'>>;
export type PiQuestion = ItemOf<StationEvent<'pi.questions'>>;
export type PiAnswer = StationInput<'pi.answer'>['answer'];
export type PiPlanView = StationOutput<'pi.plan'>;
export type PiLook = StationOutput<'pi.look'>;
export type PiChangeView = PiLook['changes'][number];
