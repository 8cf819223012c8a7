/** The three systems that a station runs on; any other counts as Linux. */
export const systems = ['linux', 'darwin', 'win32'] as const;

export type System = (typeof systems)[number];
