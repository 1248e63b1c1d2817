import { MAX_BLOCKS, parseBlockList } from '../../../src/emulator/storage/block-list.js';

const entry = (source: string, id: string): string => `<${source}>${id}</${source}>`;

describe('the XML of Put Block List', () => {
  test.each([
    ['an empty list', '<BlockList></BlockList>', []],
    ['an empty element', '\uFEFF<?xml version="1.0"?>\n<BlockList />\n', []],
    [
      'spaces wherever XML allows them',
      ' <?xml version="1.0" encoding="utf-8"?>\r\n <BlockList>\n <Latest> YQ== </Latest>\n<Committed>Yg==</Committed> <Uncommitted></Uncommitted> </BlockList> ',
      [
        { source: 'Latest', id: 'YQ==' },
        { source: 'Committed', id: 'Yg==' },
        { source: 'Uncommitted', id: '' },
      ],
    ],
  ])('%s', (_, xml, blocks) => {
    expect(parseBlockList(xml)).toEqual(blocks);
  });

  test.each([
    ['nothing', ''],
    ['spaces alone', ' '.repeat(200_000)],
    ['no end', `<BlockList>${' '.repeat(200_000)}`],
    ['an entry without an id that never ends', `<BlockList><Latest>${' '.repeat(200_000)}</BlockList>`],
    ['spaces between entries, and then no entry', `<BlockList>${' '.repeat(200_000)}x</BlockList>`],
    ['another end than its begin', '<BlockList><Latest>YQ==</Committed></BlockList>'],
    ['something after it', '<BlockList></BlockList>x'],
  ])('is no list: %s', (_, xml) => {
    expect(parseBlockList(xml)).toBeUndefined();
  });

  test('stops reading after one block too many', () => {
    const xml = `<BlockList>${entry('Latest', 'YQ==').repeat(MAX_BLOCKS + 10)}</BlockList>`;
    expect(parseBlockList(xml)).toHaveLength(MAX_BLOCKS + 1);
  });
});
