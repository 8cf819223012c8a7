import type { MenuItemConstructorOptions } from 'electron';
import { expect, it } from 'vitest';
import { menuTemplate } from '../../../../main/hosts/electron/menu.ts';
import type { HostEvent } from '../../../../main/station/host-features.ts';

it.each(['linux', 'darwin'])(
  'the menu of %s leads to every screen, each with a shortcut of its own',
  (platform) => {
    const told: HostEvent['page'][] = [];
    const template = menuTemplate({
      platform,
      isPackaged: true,
      tell: ({ page }) => told.push(page),
      openLog: () => undefined,
    });
    const items = template.flatMap(({ submenu }): MenuItemConstructorOptions[] =>
      Array.isArray(submenu) ? submenu : [],
    );
    const going = items.filter(({ accelerator }) => accelerator !== undefined);
    for (const { click } of going) (click as () => void)();
    expect(told.toSorted()).toEqual(['bench', 'firmware', 'flow', 'help', 'history', 'pi', 'settings']);
    expect(new Set(going.map(({ accelerator }) => accelerator)).size).toBe(going.length);
  },
);
