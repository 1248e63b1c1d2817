import { killedWhileItAccepts } from '../../load/killed-amqp.js';
import { killedWhileItDelivers } from '../../load/killed-c2d.js';

// In short what `npm run test:load` does.

test('a killed emulator loses no cloud-to-device message, and none that was completed comes back', async () => {
  await killedWhileItDelivers({ rounds: 3, devices: 3, seed: 'test' });
});

test('a killed emulator has every message that it accepted from a back end by AMQP', async () => {
  await killedWhileItAccepts({ rounds: 3, devices: 5, seed: 'test' });
});
