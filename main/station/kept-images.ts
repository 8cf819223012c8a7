/**
 * A flow or a recipe parsed from a file, with its images named by part. Versions up to 0.1 named them by firmware:
 * Katapult was the bootloader, Klipper the application.
 */
export function withImageParts(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || !('images' in record)) return record;
  const { images } = record;
  if (typeof images !== 'object' || images === null) return record;
  if (!('katapult' in images) || !('klipper' in images)) return record;
  const { katapult: bootloader, klipper: application, ...others } = images;
  return { ...record, images: { ...others, bootloader, application } };
}
