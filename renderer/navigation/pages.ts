/** The screens of the window, by their names in the address. */
export const pages = ['bench', 'flow', 'firmware', 'pi', 'history', 'settings', 'help'] as const;
export type Page = (typeof pages)[number];

export function isPage(name: string): name is Page {
  return (pages as readonly string[]).includes(name);
}
