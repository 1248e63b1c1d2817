/** Bytes that a value without its content takes, roughly. */
const BARE = 16;

/** Bytes that data takes in memory, roughly: texts count two bytes a character. Data is what JSON can hold, and bytes. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return BARE + 2 * value.length;
  if (typeof value !== 'object' || value === null) return BARE;
  if (ArrayBuffer.isView(value)) return BARE + value.byteLength;
  let size = BARE;
  for (const key in value) size += BARE + sizeOf((value as Record<string, unknown>)[key]);
  return size;
}
