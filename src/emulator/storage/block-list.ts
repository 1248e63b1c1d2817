/** Where a block is to be taken from: from what was put since, from the blob as it is, or from the former before the latter. */
export type BlockSource = 'Uncommitted' | 'Committed' | 'Latest';

export interface ListedBlock {
  readonly source: BlockSource;
  /** Base64, as in the list. */
  readonly id: string;
}

/** A blob has so many blocks at most (a rule of the Blob service). */
export const MAX_BLOCKS = 50_000;
/** Bytes of the XML that lists them: more than the longest ids and a line feed for each take. */
export const MAX_BLOCK_LIST_BYTES = MAX_BLOCKS * 160;

const BEGIN = /^\uFEFF?(?:<\?xml[^>]*>\s*)?<BlockList(?:>|\s*\/>$)/;
const END = '</BlockList>';
const ENTRY = /<(Latest|Committed|Uncommitted)>\s*(?:([A-Za-z0-9+/=]+)\s*)?<\/\1>\s*/y;

/** The body of Put Block List, in its order; undefined where it is no such XML. What exceeds `MAX_BLOCKS` by more than one is not read. */
export function parseBlockList(xml: string): ListedBlock[] | undefined {
  const text = xml.trim();
  const [begin] = BEGIN.exec(text) ?? [];
  if (begin === undefined) return undefined;
  if (begin.endsWith('/>')) return [];
  if (!text.endsWith(END)) return undefined;
  const list = text.slice(begin.length, -END.length).trim();
  const blocks: ListedBlock[] = [];
  ENTRY.lastIndex = 0;
  while (ENTRY.lastIndex < list.length && blocks.length <= MAX_BLOCKS) {
    const entry = ENTRY.exec(list);
    if (entry === null) return undefined;
    blocks.push({ source: entry[1] as BlockSource, id: entry[2] ?? '' });
  }
  return blocks;
}
