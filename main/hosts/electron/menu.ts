import type { MenuItemConstructorOptions } from 'electron';
import type { HostEvent } from '../../station/host-features.ts';
import { hostTexts } from './host-texts.ts';

interface MenuOptions {
  readonly platform: string;
  /** Reload and developer tools are for developers of Canopus. */
  readonly isPackaged: boolean;
  readonly tell: (event: HostEvent) => void;
  readonly openLog: () => void;
}

/** The native menu. Its commands to the window go over the contract, like everything else. */
export function menuTemplate({
  platform,
  isPackaged,
  tell,
  openLog,
}: MenuOptions): MenuItemConstructorOptions[] {
  const { menu } = hostTexts;
  const isMac = platform === 'darwin';
  const go = (label: string, page: HostEvent['page'], accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => tell({ type: 'go', page }),
  });
  const developer: MenuItemConstructorOptions[] = isPackaged
    ? []
    : [{ role: 'reload' }, { role: 'toggleDevTools' }, { type: 'separator' }];
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      role: 'fileMenu',
      submenu: [
        go(menu.setUp, 'flow', 'CmdOrCtrl+N'),
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: menu.go,
      submenu: [
        go(menu.bench, 'bench', 'CmdOrCtrl+1'),
        go(menu.firmware, 'firmware', 'CmdOrCtrl+2'),
        go(menu.pi, 'pi', 'CmdOrCtrl+3'),
        go(menu.history, 'history', 'CmdOrCtrl+4'),
        go(menu.settings, 'settings', 'CmdOrCtrl+,'),
      ],
    },
    {
      role: 'viewMenu',
      submenu: [
        ...developer,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [go(menu.help, 'help', 'F1'), { label: menu.openLog, click: openLog }],
    },
  ];
}
