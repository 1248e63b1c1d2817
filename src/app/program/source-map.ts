import { SourceMap, type SourceMapPayload } from 'node:module';

/** Where a place of the program comes from. */
export interface SourcePlace {
  /** As the compiler was given it, without the way to it. */
  readonly file: string;
  readonly line: number;
}

/** Reads a WebAssembly source map (one line, columns are byte offsets); undefined if it has nothing for an offset. */
export function placeAt(sourceMap: string, offset: number): SourcePlace | undefined {
  const entry = new SourceMap(JSON.parse(sourceMap) as SourceMapPayload).findEntry(0, offset);
  // Some segments lead to no source.
  if (!('originalSource' in entry) || (entry.originalSource as string | undefined) === undefined) return undefined;
  return { file: entry.originalSource.replace(/^(\.\.?\/)+/, ''), line: entry.originalLine + 1 };
}
