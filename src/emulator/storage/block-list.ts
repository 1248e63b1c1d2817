/** Where a block is to be taken from: from what was put since, from the blob as it is, or from the former before the latter. */
export type BlockSource = 'Uncommitted' | 'Committed' | 'Latest';

export interface ListedBlock {
  readonly source: BlockSource;
  /** Base64, as in the list. */
  readonly id: string;
}

const ENTRY = /\s*<(Latest|Committed|Uncommitted)>\s*([A-Za-z0-9+/=]*)\s*<\/\1>\s*/y;

/** The body of Put Block List, in its order; undefined where it is no such XML. */
export function parseBlockList(xml: string): ListedBlock[] | undefined {
  const list = /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*<BlockList>(.*)<\/BlockList>\s*$/s.exec(xml)?.[1];
  if (list === undefined) return /<BlockList\s*\/>\s*$/.test(xml) ? [] : undefined;
  const blocks: ListedBlock[] = [];
  ENTRY.lastIndex = 0;
  for (let at = 0; list.slice(at).trim() !== ''; at = ENTRY.lastIndex) {
    const entry = ENTRY.exec(list);
    if (entry === null) return undefined;
    blocks.push({ source: entry[1] as BlockSource, id: entry[2] as string });
  }
  return blocks;
}
