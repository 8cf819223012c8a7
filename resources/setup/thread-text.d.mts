import type { Plugin } from 'vite';

/** See thread-text.mjs. */
export function threadText(): Plugin;
