import { withFaults, withoutFaults } from './rounds.js';

// In short what `npm run test:load` does with a thousand devices.

test('a few devices: no message is lost or doubled, and nothing of them stays', async () => {
  console.log(await withoutFaults({ devices: 20, messages: 50 }));
});

test('a few devices, with faults: nothing that was acknowledged is lost', async () => {
  console.log(await withFaults({ devices: 5, messages: 40, c2d: 10, resendAfterMs: 300 }));
});
