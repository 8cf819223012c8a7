/** The parts of one Pi's screen, in order. */
export const piAreas = ['plan', 'facts', 'changes', 'doctor'] as const;
export type PiArea = (typeof piAreas)[number];
