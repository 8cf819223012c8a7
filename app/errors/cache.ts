import type { ErrorRows } from './error-row.ts';

/** The cache of built images. */
export const cacheErrors = {
  'cache/corrupt': {
    title: 'A stored image was damaged',
    next: { window: 'It was removed; build or import it again.' },
    exit: 'failed',
  },
  'cache/unknown-image': {
    title: 'No such image is stored',
    next: { window: '"canopus cache list" shows what is.' },
    exit: 'usage',
  },
  'cache/bad-bundle': {
    title: 'This is not a good bundle of images',
    next: { window: 'Export it again and copy it whole; nothing was imported.' },
    exit: 'refused',
  },
  'cache/locked': {
    title: 'Another Canopus holds the image cache',
    next: { window: 'Wait until it is done, or end it; then repeat the step.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
