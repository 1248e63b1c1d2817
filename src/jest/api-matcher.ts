import { checkOptions, type Rules } from '../options.js';
import {
  checkApiSnapshot,
  diffApi,
  formatApiDiff,
  isWorse,
  parseApiSnapshot,
  type ApiGrade,
  type ApiSnapshot,
} from '../regression/index.js';
import { oneOf } from '../rules.js';

export interface SameApiOptions {
  /** The worst change that passes. Without it none does, but what the toolchain alone caused. */
  readonly allow?: ApiGrade | undefined;
}

const RULES: Rules<SameApiOptions> = { allow: oneOf('compatible', 'source-breaking', 'abi-breaking') };

/**
 * `expect(await snapshotApi()).toHaveSameApiAs(golden)`: for `expect.extend`.
 * @param golden What `sphere-iot api snapshot` printed, as text or parsed.
 */
export function toHaveSameApiAs(
  received: ApiSnapshot,
  golden: ApiSnapshot | string,
  options: SameApiOptions = {},
): { pass: boolean; message: () => string } {
  checkOptions(options, 'toHaveSameApiAs', "{ allow: 'compatible' }", RULES);
  const { allow } = options;
  const before = typeof golden === 'string' ? parseApiSnapshot(golden, 'golden') : checkApiSnapshot(golden, 'golden');
  const diff = diffApi(before, checkApiSnapshot(received, 'What expect() got'));
  const pass = diff.grade === 'none' || (allow !== undefined && !isWorse(diff.grade, allow));
  const wanted = allow ? `an API that differs from the golden one by ${allow} changes at most` : 'the golden API';
  return {
    pass,
    message: () => `Expected ${pass ? 'something other than ' : ''}${wanted}.\n\n${formatApiDiff(diff, 'text')}`,
  };
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- so is the way of @types/jest
  namespace jest {
    interface Matchers<R> {
      toHaveSameApiAs(golden: ApiSnapshot | string, options?: SameApiOptions): R;
    }
  }
}
