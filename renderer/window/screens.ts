import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark';
import Cpu from '@lucide/svelte/icons/cpu';
import History from '@lucide/svelte/icons/history';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import Server from '@lucide/svelte/icons/server';
import Settings from '@lucide/svelte/icons/settings';
import type { Component } from 'svelte';
import BenchPanel from '../features/bench/BenchPanel.svelte';
import type { Page } from '../navigation/pages.ts';
import type { ScreenProps } from '../station/screen-props.ts';

interface Screen {
  readonly page: Page;
  /** Its entry in the sidebar; null for a screen that another one opens. */
  readonly icon: typeof Settings | null;
  readonly load: () => Promise<{ readonly default: Component<ScreenProps> }>;
}

/**
 * All screens, in the order of the sidebar. The first is shown at the start and so is bundled with the
 * window.
 */
export const screens: readonly [Screen, ...Screen[]] = [
  { page: 'bench', icon: LayoutGrid, load: () => Promise.resolve({ default: BenchPanel }) },
  { page: 'flow', icon: null, load: () => import('../features/flow/FlowScreen.svelte') },
  { page: 'firmware', icon: Cpu, load: () => import('../features/firmware/FirmwarePanel.svelte') },
  { page: 'pi', icon: Server, load: () => import('../features/pi/PiScreen.svelte') },
  { page: 'history', icon: History, load: () => import('../features/history/HistoryPanel.svelte') },
  { page: 'settings', icon: Settings, load: () => import('../features/settings/SettingsPanel.svelte') },
  { page: 'help', icon: CircleQuestionMark, load: () => import('../features/help/HelpPanel.svelte') },
];
