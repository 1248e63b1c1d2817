// The comparison tells: with an adapter that is wrong, it fails.
import path from 'node:path';
import { buildApp } from '../../src/app/index.js';
import { differenceOf, inWasm, natively, run } from './sides.js';
import { BUILD_TIME } from '../support/limits.js';

test.each([
  ['early-bytes', 'message: answered while another waits', /wasm {3}< outside DoWork: message/],
  ['forgotten-option', 'options when connected', /wasm {3}< status .*BAD_CREDENTIAL/],
])(
  '%s: %s',
  async (adapter, script, seen) => {
    const wrong = await buildApp(path.join(__dirname, 'wrong', adapter));
    const difference = differenceOf(await run(script, natively), await run(script, inWasm(wrong)));
    expect(difference).toMatch(seen);
  },
  BUILD_TIME,
);
