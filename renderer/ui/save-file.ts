/** Saves a file in the browser under a name. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has read the URL by the next turn of its loop; a minute is more than enough.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
