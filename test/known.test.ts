import { known } from '../src/known.js';

test('what a number stands for, also where that is nothing much; a number that stands for nothing is told', () => {
  expect(known(0, 'socket', 3)).toBe(0);
  expect(known(null, 'socket', 3)).toBeNull();
  expect(() => known(new Map<number, string>().get(3), 'socket', 3)).toThrow(/C asked for socket 3,/);
});
