import * as z from 'zod/mini';
import { flow } from '../../app/contract/entries/flows.ts';
import type { FlowState } from '../../app/flow/flow-state.ts';

/** The flows that a file holds; none where it is not what this version writes. */
export function parseFlows(text: string): readonly FlowState[] {
  try {
    const parsed = z.array(flow).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}
