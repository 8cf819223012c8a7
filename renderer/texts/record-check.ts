/** The record of an image, and the check against it. */
export const recordCheckTexts = {
  title: 'Where this image comes from, to check',
  text: 'The record names the commit, the configuration and the tools. Anyone can build the image again from it and compare.',
  save: 'Save the record',
  saved: (file: string) => `Saved as ${file}.`,
  again: 'Build again and compare',
  open: 'Check a record',
  openHint: 'A .json record of an image, from this or another computer: it is built again here and compared.',
  working: (name: string) => `Checking ${name}`,
  ofThis: 'this image',
  identical: (name: string) => `Identical: ${name}, built again, is the same byte for byte.`,
  allTheSame: 'All the same, this differs:',
  different: (name: string) => `Different: built again, ${name} is another image.`,
  notHere: (name: string) => `Not checked: ${name} cannot be built again on this computer`,
  sha256: (value: string) => `SHA-256 ${value}`,
};
