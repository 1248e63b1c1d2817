import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { useFolder } from '../../support/folder.js';

const MODULE = join(__dirname, '../../../dist/cjs/emulator/state/state-folder.js');

const folder = useFolder();

test('a process with too many files open says so, and goes on when it has some again', async () => {
  // It writes until LevelDB needs another file, and takes all file descriptors before.
  const program = `
    const fs = require('node:fs');
    const { StateFolder } = require(${JSON.stringify(MODULE)});
    const taken = [];
    StateFolder.open(${JSON.stringify(folder.file('state'))}, { hold: () => () => {} }).then(async (state) => {
      await state.accept();
      const alive = setInterval(() => 0, 1000);
      const collection = state.root.collection('s');
      try { for (;;) taken.push(fs.openSync('/dev/null')); } catch {}
      let saved = 0;
      try { for (;; saved++) { collection.put(String(saved), 'x'.repeat(500_000)); await state.saved(); } } catch (error) {
        console.log(error.code, /Too many open files/.test(error.message));
      }
      state.onFault(async (fault) => {
        if (fault) return;
        collection.put('after', 1);
        await state.saved();
        await state.close();
        const again = await StateFolder.open(${JSON.stringify(folder.file('state'))}, { hold: () => () => {} });
        console.log(again.root.collection('s').entries().length === saved + 2);
        await again.close();
        clearInterval(alive);
      });
      for (const each of taken) fs.closeSync(each);
    });`;
  const child = spawn('sh', ['-c', 'ulimit -n 60; exec "$0" -e "$1"', process.execPath, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await once(child, 'close');
  expect(said).toBe('STATE_NOT_WRITTEN true\ntrue\n');
});
