import fc from 'fast-check';
import { parseJsonWithComments } from '../../src/app/json-with-comments.js';

test.each<[string, string, unknown]>([
  ['a byte order mark', '\ufeff{ "a": 1 }', { a: 1 }],
  ['a line comment', '// first\n{ "a": 1, // one\r\n "b": 2 } // last', { a: 1, b: 2 }],
  ['a block comment', '{ /* one\n * two */ "a": /**/ [1 /* , 2 */] }', { a: [1] }],
  ['what looks like a comment in a string', '{ "a": "http://b/*c*/" }', { a: 'http://b/*c*/' }],
  ['trailing commas', '{ "a": [1, 2, ], "b": { "c": 3, }, }', { a: [1, 2], b: { c: 3 } }],
  ['a comment after a trailing comma', '[1, // one\n]', [1]],
  ['every kind of value', '[true, false, null, -1.5e3, 0, "\\u00e9\\n\\""]', [true, false, null, -1500, 0, 'é\n"']],
  ['a field that is there twice', '{ "a": 1, "a": 2 }', { a: 2 }],
  ['nothing in it', ' [ ] ', []],
])('reads %s', (_, text, value) => {
  expect(parseJsonWithComments(text)).toEqual(value);
});

test.each<[string, string, string]>([
  ['no text', '', 'line 1, column 1: expected a value, but the text ends'],
  ['an end too early', '{\n  "a": [1,\n', 'line 3, column 1: expected a value, but the text ends'],
  ['a missing comma', '{ "a": 1\r\n  "b": 2 }', 'line 2, column 3: expected a comma or }, but there is "\\""'],
  ['a missing colon', '{ "a" 1 }', 'line 1, column 7: expected a colon, but there is "1"'],
  ['a name without quotes', '{ a: 1 }', 'column 3: expected the name of a field, in double quotes, but there is "a"'],
  ['two commas', '[1,,2]', 'column 4: expected a value, but there is ","'],
  ['a comma alone', '[,]', 'column 2: expected a value'],
  ['more after the end', '{}\n}', 'line 2, column 1: expected the end, but there is "}"'],
  ['a comment without an end', '{ "a": 1 /* one }', 'a comma or }, but there is "/" (a comment that has no end)'],
  ['a string without an end', '["a]', 'column 2: expected a value, but there is "\\""'],
  ['a line break in a string', '["a\nb"]', 'column 2: expected a value'],
  ['an escape that JSON lacks', '["\\x"]', 'column 2: expected a value'],
  ['a number with a leading zero', '[01]', 'column 2: expected a value, but there is "01"'],
  ['a word', '[none]', 'column 2: expected a value, but there is "none"'],
  ['single quotes', "['a']", 'column 2: expected a value'],
  ['endless nesting', '['.repeat(100_000), 'column 102: more than 100 values are in one another'],
])('refuses %s', (_, text, message) => {
  expect(() => parseJsonWithComments(text)).toThrow(SyntaxError);
  expect(() => parseJsonWithComments(text)).toThrow(message);
});

const MILLIONS = 4_000_000;

test.each<[string, string, unknown]>([
  ['lines of comments', '//\n'.repeat(MILLIONS), 1],
  ['comments', '/**/ '.repeat(MILLIONS), 1],
  ['spaces', ' \r\n\t'.repeat(MILLIONS), 1],
  ['digits', '0.', Number(`0.${'1'.repeat(20)}`)],
])('reads what comes after or in millions of %s', (what, before, value) => {
  const text = what === 'digits' ? `${before}${'1'.repeat(MILLIONS)}` : `${before}1`;
  expect(parseJsonWithComments(text)).toBe(value);
});

test('reads long strings and lists, and tells the place behind them', () => {
  const long = 'x\n"é'.repeat(MILLIONS);
  expect(parseJsonWithComments(JSON.stringify(long)) === long).toBe(true);
  expect(parseJsonWithComments(`[${'1,'.repeat(MILLIONS)}]`)).toHaveLength(MILLIONS);
  const wrong = `[${'1,\r\n'.repeat(MILLIONS)} ${'w'.repeat(MILLIONS)}`;
  const message = `line ${MILLIONS + 1}, column 2: expected a value, but there is "${'w'.repeat(40)}"`;
  expect(() => parseJsonWithComments(wrong)).toThrow(new SyntaxError(message));
});

test('reads all JSON as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJsonWithComments(text)).toEqual(JSON.parse(text));
    }),
  );
});
