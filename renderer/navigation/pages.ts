/** The screens of the window, by the word that stands for them in its address. */
export const pages = ['bench', 'flow', 'firmware', 'pi', 'history', 'settings'] as const;
export type Page = (typeof pages)[number];
