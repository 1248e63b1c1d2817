import { toHaveSameApiAs } from '../../src/jest/index.js';
import { formatApiSnapshot, snapshotApi, type ApiSnapshot } from '../../src/regression/index.js';

expect.extend({ toHaveSameApiAs });

let now: ApiSnapshot;
/** Earlier, a function of now was not there: now it is added. */
let fewer: ApiSnapshot;
beforeAll(async () => {
  now = await snapshotApi();
  fewer = { ...now, functions: now.functions.filter(({ name }) => name !== 'IoTHub_Init') };
});

test('the same passes, parsed or as text', () => {
  expect(now).toHaveSameApiAs(now);
  expect(now).toHaveSameApiAs(formatApiSnapshot(now));
  expect(now).not.toHaveSameApiAs(fewer);
});

test('what the toolchain alone caused passes', () => {
  const types = { ...now.toolchain.types, time_t: { size: 8, alignment: 8, signed: true } };
  expect(now).toHaveSameApiAs({ ...now, toolchain: { ...now.toolchain, types } });
});

test('what is allowed passes, and nothing worse', () => {
  expect(now).toHaveSameApiAs(fewer, { allow: 'compatible' });
  expect(fewer).not.toHaveSameApiAs(now, { allow: 'source-breaking' });
  expect(fewer).toHaveSameApiAs(now, { allow: 'abi-breaking' });
});

test.each([[{ alow: 'compatible' }], [{ allow: 'breaking' }]])('%j are no options', (options) => {
  expect(() => expect(now).toHaveSameApiAs(now, options as never)).toThrow(
    expect.objectContaining({ code: 'OPTIONS_INVALID' }),
  );
});

test('a failure says what changed', () => {
  expect(() => expect(fewer).toHaveSameApiAs(now)).toThrow(
    /^Expected the golden API\.\n\nABI-breaking: 1\n {2}function IoTHub_Init \(iothub\.h\)\n {4}removed: int IoTHub_Init\(void\)/,
  );
  expect(() => expect(now).not.toHaveSameApiAs(now)).toThrow(/^Expected something other than the golden API\./);
});

test('what is no snapshot is an error, not a difference', () => {
  expect(() => expect(now).not.toHaveSameApiAs('{')).toThrow(expect.objectContaining({ code: 'API_SNAPSHOT_INVALID' }));
  expect(() => expect({}).not.toHaveSameApiAs(now)).toThrow(expect.objectContaining({ code: 'API_SNAPSHOT_INVALID' }));
});
