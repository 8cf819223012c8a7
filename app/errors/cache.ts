import type { ErrorRows } from './error-row.ts';

/** The cache of built images. */
export const cacheErrors = {
  'cache/corrupt': {
    title: 'A stored image was damaged',
    next: { window: 'It was removed. Build or import it again.' },
    exit: 'failed',
  },
  'cache/unknown-image': {
    title: 'There is no such image',
    next: {
      window: 'It is no longer stored. Build or import it again.',
      terminal: '"canopus cache list" shows the stored images.',
    },
    exit: 'usage',
  },
  'cache/bad-bundle': {
    title: 'This is not a valid bundle of images',
    next: { window: 'Nothing was imported. Export the bundle again and copy all of it.' },
    exit: 'refused',
  },
  'cache/forged-bundle': {
    title: 'This bundle is not what it says it is',
    next: {
      window:
        'Nothing was imported. Its files were changed after they were signed: download it again from where it was published.',
    },
    exit: 'refused',
  },
  'cache/locked': {
    title: 'Another Canopus is using the image cache',
    next: { window: 'Wait until it has finished, or quit it. Then try again.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
