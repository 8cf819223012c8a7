import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleHelp from '@lucide/svelte/icons/circle-question-mark';
import CircleX from '@lucide/svelte/icons/circle-x';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import type { Component } from 'svelte';
import type { Verdict } from '../../app/verdict.ts';

interface VerdictLook {
  readonly icon: Component<{ class?: string; 'aria-hidden'?: 'true' }>;
  readonly tone: string;
}

/** Sign and colour of what a check found. */
export const verdictLooks: Readonly<Record<Verdict, VerdictLook>> = {
  fine: { icon: CircleCheck, tone: 'text-ok' },
  look: { icon: TriangleAlert, tone: 'text-warn' },
  wrong: { icon: CircleX, tone: 'text-bad' },
  unknown: { icon: CircleHelp, tone: 'text-ink-muted' },
};
