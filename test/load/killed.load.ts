import { killedAgainAndAgain } from './killed.js';

test('what an emulator acknowledged before it was killed, ten times under load, is there after the next start', async () => {
  console.log(await killedAgainAndAgain({ rounds: 10, devices: 5, seed: 'load' }));
});
