/** The screens of the window, by their names in the address. */
export const pages = ['bench', 'flow', 'firmware', 'pi', 'history', 'settings'] as const;
export type Page = (typeof pages)[number];
