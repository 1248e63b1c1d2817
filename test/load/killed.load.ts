import { killedAgainAndAgain } from './killed.js';
import { killedWhileItAccepts } from './killed-amqp.js';
import { killedWhileItDelivers } from './killed-c2d.js';

test('what an emulator acknowledged before it was killed, ten times under load, is there after the next start', async () => {
  console.log(await killedAgainAndAgain({ rounds: 10, devices: 5, seed: 'load' }));
});

test('of the cloud-to-device messages of an emulator that is killed ten times none is lost, and none that was completed comes back', async () => {
  console.log(await killedWhileItDelivers({ rounds: 10, devices: 5, seed: 'load' }));
});

test('what an emulator accepted by AMQP before it was killed, ten times, is there after the next start', async () => {
  console.log(await killedWhileItAccepts({ rounds: 10, devices: 20, seed: 'load' }));
});
