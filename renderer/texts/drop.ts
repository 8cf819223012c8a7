/** English texts of files that are dropped on any screen. */
export const dropTexts = {
  busy: 'Importing …',
  close: 'Close',
  unknown:
    'It is no image (.bin, .uf2, .hex), bundle (.zip), recipe or board (.json), or it cannot be read. Nothing was imported.',
  image: 'Imported as an image.',
  recipe: (name: string) => `Saved as the recipe "${name}".`,
  preset: (name: string) => `Added as the board "${name}".`,
  open: {
    image: 'Show the images',
    bundle: 'Show the images',
    recipe: 'Go to the bench',
    preset: 'Go to the bench',
  },
} as const;
