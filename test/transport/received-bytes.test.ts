import { ReceivedBytes } from '../../src/transport/index.js';

test('what was taken or seen stays as it was, whatever comes later', () => {
  const bytes = new ReceivedBytes();
  bytes.add(Buffer.from('abc'));
  const seen = bytes.view;
  const taken = bytes.take(2);
  for (let i = 0; i < 5000; i++) bytes.add(Buffer.from('x'));
  expect([seen.toString(), taken.toString(), bytes.length]).toEqual(['abc', 'ab', 5001]);
  expect(bytes.take(6000).toString()).toBe(`c${'x'.repeat(5000)}`);
  bytes.add(Buffer.from('z'));
  expect([bytes.length, bytes.take(1).toString(), bytes.take(1).length]).toEqual([1, 'z', 0]);
});
