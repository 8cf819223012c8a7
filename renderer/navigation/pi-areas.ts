/** The parts of the screen of one Pi, in their order. */
export const piAreas = ['plan', 'facts', 'changes', 'doctor'] as const;
export type PiArea = (typeof piAreas)[number];
