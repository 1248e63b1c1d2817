import { killedAgainAndAgain } from '../../load/killed.js';

// In short what `npm run test:load` does.

test('what a killed emulator acknowledged is there after the next start, whenever it was killed', async () => {
  await killedAgainAndAgain({ rounds: 3, devices: 3, seed: 'test' });
});
