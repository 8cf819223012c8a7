import type { KnownPreset } from '../../app/boards/preset-schema.ts';
import type { PresetStore } from '../preset-store.ts';
import type { LiveTable, TableEvent } from '../../app/contract/live-table.ts';
import type { VirtualPiView } from '../../app/contract/station-contract.ts';
import type { NearbyPi } from '../../app/pi/nearby.ts';
import type { Surface } from '../../app/errors/error-row.ts';
import type { System } from '../../app/system.ts';
import type { HostCheck } from '../../app/doctor/host-check.ts';
import type { BackupStore } from '../backups/backup-store.ts';
import type { FirmwareService } from '../firmware/firmware-service.ts';
import type { HistoryAccess } from '../history/history-access.ts';
import type { JobServices } from '../jobs/job-services.ts';
import type { JobList } from '../jobs/job-list.ts';
import type { BenchRunner } from './bench/bench-runner.ts';
import type { SavedRecipes } from './bench/saved-recipes.ts';
import type { CardWriting } from './card-writing.ts';
import type { BuildJobs } from './build-jobs.ts';
import type { DataFolders } from './data-folders.ts';
import type { FlowRunner } from './flow-runner.ts';
import type { StationImages } from './station-images.ts';
import type { LiveBoards } from './live-boards.ts';
import type { SettingsStore } from './settings-store.ts';
import type { PlaceId } from '../../app/place.ts';
import type { PiReaches } from './pi/pi-reaches.ts';
import type { StationPis } from './pi/station-pis.ts';
import type { BenchPi } from './pi/bench-pi.ts';
import type { VirtualBoards } from './virtual-boards.ts';
import type { PrinterUpdates } from './printer/printer-updates.ts';
import type { Writing } from './writing.ts';

/** The services that the contract is served from. */
export interface StationServices {
  readonly presets: readonly KnownPreset[];
  readonly presetStore: PresetStore;
  /** The system of the computer with the devices. */
  readonly system: System;
  readonly boards: LiveBoards;
  readonly jobs: JobList;
  /** What jobs reach boards with. */
  readonly devices: JobServices;
  /** The same for a place: of this computer, or of a Pi whose boards are followed. Throws `device/unreachable`. */
  readonly servicesAt: (place: PlaceId) => JobServices;
  readonly reaches: PiReaches;
  /** Resolves when what is plugged in is known. Nothing is opened before this is called. */
  readonly needDevices: () => Promise<void>;
  readonly firmware: FirmwareService;
  readonly images: StationImages;
  readonly builds: BuildJobs;
  readonly writing: Writing;
  readonly cards: CardWriting;
  readonly backups: BackupStore;
  readonly flows: FlowRunner;
  readonly bench: BenchRunner;
  readonly recipes: SavedRecipes;
  readonly settings: SettingsStore;
  readonly folders: DataFolders;
  /** Examines this computer. */
  readonly doctor: (surface: Surface, signal: AbortSignal) => Promise<readonly HostCheck[]>;
  readonly pis: StationPis;
  readonly printers: PrinterUpdates;
  /** Computers on the network that may be a printer's Pi. */
  readonly nearby: (signal: AbortSignal) => AsyncGenerator<TableEvent<NearbyPi>, void, void>;
  readonly sim: VirtualBoards;
  readonly history: HistoryAccess;
  /** Null until there is a virtual bench. */
  readonly virtualPi: () => BenchPi | null;
  readonly virtualPis: LiveTable<VirtualPiView>;
  /** True if all boards are virtual. */
  readonly simulated: boolean;
}
