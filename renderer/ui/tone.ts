/** The meaning of a status; colour is never its only sign. */
export type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'bad';

export const softTone: Readonly<Record<Tone, string>> = {
  neutral: 'bg-sunken text-ink-muted border-line',
  accent: 'bg-accent-soft text-accent-strong border-transparent',
  ok: 'bg-ok-soft text-ok border-transparent',
  warn: 'bg-warn-soft text-warn border-transparent',
  bad: 'bg-bad-soft text-bad border-transparent',
};
