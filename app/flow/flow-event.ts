import type { Board } from '../boards/board.ts';
import type { FlowBoard, FlowImages, FlowStage, FlowTrouble } from './flow-state.ts';

/** What a person does. */
export type FlowChoice =
  | { readonly type: 'choose-board'; readonly board: FlowBoard }
  | { readonly type: 'choose-images'; readonly images: FlowImages }
  /** Everything that had to be confirmed is so. */
  | { readonly type: 'confirm' }
  /** This is the port that the board is on. */
  | { readonly type: 'choose-port'; readonly portPath: string }
  /** Back to an earlier stage, or from trouble on to another try. */
  | { readonly type: 'back'; readonly stage: FlowStage }
  | { readonly type: 'retry' };

/** What the station sees. */
export type FlowNews =
  /** What is plugged in, and the ports that other work or other flows hold. */
  | { readonly type: 'boards'; readonly boards: readonly Board[]; readonly heldPorts: readonly string[] }
  | { readonly type: 'flash-started'; readonly jobId: string }
  | { readonly type: 'flash-refused'; readonly trouble: FlowTrouble }
  | {
      readonly type: 'job';
      readonly jobId: string;
      readonly uid: string | null;
      readonly canbusUuid: string | null;
      readonly status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
      readonly trouble: FlowTrouble | null;
    }
  /** The station was started anew: what ran does not run any more. */
  | { readonly type: 'resumed' };

export type FlowEvent = (FlowChoice | FlowNews) & { /** ISO 8601. */ readonly at: string };

/** What is to be done because of an event. */
export type FlowEffect =
  | {
      readonly type: 'start-flash';
      readonly portPath: string;
      readonly board: FlowBoard;
      readonly images: FlowImages;
    }
  /** Tell the flow anew what is plugged in. */
  | { readonly type: 'look' };
