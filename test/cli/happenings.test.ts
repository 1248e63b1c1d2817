import { Happenings } from '../../src/cli/run/happenings.js';

test('the newest are kept, by their number and by what they have', () => {
  const happenings = new Happenings(() => 0);
  const numbers = (): number[] =>
    happenings.last(5000).map((each) => (each.type === 'log' ? parseInt(each.line) : NaN));
  for (let number = 0; number < 3000; number++) happenings.add({ type: 'log', line: `${number} line` });
  expect(numbers()).toEqual(Array.from({ length: 1000 }, (_, index) => 2000 + index));
  for (let number = 0; number < 1000; number++)
    happenings.add({ type: 'log', line: `${number} ${'x'.repeat(60_000)}` });
  expect(numbers().length).toBeLessThan(200);
  expect(numbers().at(-1)).toBe(999);
});
