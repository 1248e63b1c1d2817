import { isLike, jsonPattern, quoted, textPattern } from '../../src/cli/run/patterns.js';

test.each([
  ['{"a": 1}', { a: 1, b: 2 }, true],
  ['{"a": 1}', { a: '1' }, false],
  ['{"a": …}', { a: null }, true],
  ['{"a": ...}', {}, false],
  ['{"a": "…"}', { a: 'x' }, false],
  ['{"a": "…"}', { a: '…' }, true],
  ['{"a": 1, …}', { a: 1, b: 2 }, true],
  ['{…}', {}, true],
  ['{"a": {"b": [1, …]}}', { a: { b: [1, { c: 2 }] } }, true],
  ['{"a": [1, …]}', { a: [1] }, false],
  ['[1]', { 0: 1 }, false],
  ['{}', [], false],
  ['null', null, true],
  ['…', 0, true],
])('%s and %j: %p', (pattern, value, like) => {
  expect(isLike(jsonPattern(pattern), value)).toBe(like);
});

test('texts: contained, in quotes, and regular expressions; what is found ends somewhere', () => {
  expect(textPattern('b c')('a b c d')).toBe(5);
  expect(textPattern('" d"')('a b c d')).toBe(7);
  expect(textPattern('/[bc]+/i')('aBCd')).toBe(3);
  expect(textPattern('b')('a')).toBeUndefined();
  expect(quoted('plain')).toBeUndefined();
  expect(() => quoted('"open')).toThrow('is no text in quotes');
  expect(() => jsonPattern('{"a": }')).toThrow('is no JSON');
});
