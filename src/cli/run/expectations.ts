import { messageOf, SphereIotError } from '../../errors.js';
import { command } from './command.js';
import { describeHappening } from './describe.js';
import type { Names } from './names.js';
import { isLike, jsonPattern, textPattern } from './patterns.js';
import type { Session } from './session.js';
import { firstWord, integer, invalid, level, milliseconds, something, words } from './words.js';

/** How long an expectation is waited for unless it says so, clock ms. */
const DEFAULT_LIMIT = 60_000;
/** An exit code has 8 bits; a method's status is an int of C. */
const EXIT_CODE_RANGE = [0, 255] as const;
const STATUS_RANGE = [-2_147_483_648, 2_147_483_647] as const;
/** How many of the last happenings a failure shows. */
const SHOWN = 10;

/** Whether it has come, or is so; undefined: there is nothing of which it could be so, and `no` says nothing. */
type Check = (session: Session) => boolean | undefined;

/** One thing that can be expected. */
export interface Expectable {
  readonly name: string;
  readonly args: string;
  readonly about: string;
  readonly example: string;
  /** How long it is waited for unless the line says so, clock ms. Default 60 s. */
  readonly limitMs?: number;
  /** It comes with time, and is not looked up: `no` needs time. */
  readonly comes?: true;
  /** After the app's end it holds whatever the app has done. */
  readonly holdsAfterEnd?: true;
  /** Why `no` says nothing where the check is undefined. */
  readonly unknown?: string;
  readonly complete?: (names: Names, words: readonly string[]) => readonly string[];
  parse(rest: string, names: Names): Check;
}

/** What `expect` knows. */
export const EXPECTABLE: readonly Expectable[] = [
  {
    name: 'log',
    args: 'TEXT',
    about: 'a line of the log contains TEXT, or fits `/REGEX/`',
    example: 'expect log /Temperature \\d+/ within 10s',
    comes: true,
    parse: (rest) => {
      const pattern = textPattern(something(rest, 'TEXT'));
      return ({ inbox }) => inbox.takeLog((line) => pattern(line) !== undefined);
    },
  },
  {
    name: 'telemetry',
    args: '[JSON|TEXT]',
    about: 'a message has these fields, `…` for any value; or contains TEXT, or fits `/REGEX/`; or any message comes',
    example: 'expect telemetry {"temperature": …} within 60s',
    comes: true,
    parse: (rest) => {
      const fits = bodyPattern(rest);
      return ({ inbox }) => inbox.takeTelemetry(fits);
    },
  },
  {
    name: 'pin',
    args: 'PIN 0|1',
    about: 'a pin has, or gets, a level',
    example: 'expect pin LED 1',
    complete: (names, before) => [names.choices('pins'), ['0', '1']][before.length] ?? [],
    parse: (rest, names) => {
      const [name = '', text = ''] = words(rest, ['PIN', '0|1']);
      const { id } = names.pin(name);
      const value = level(text);
      return ({ app }) => (app.gpio(id).direction === undefined ? undefined : app.gpio(id).value === value);
    },
    unknown: 'the app has not opened the pin',
  },
  {
    name: 'uart',
    args: 'UART TEXT',
    about: 'the app writes TEXT to a UART, or what fits `/REGEX/`',
    example: 'expect uart 0 ready',
    comes: true,
    complete: (names, before) => (before.length === 0 ? names.choices('uarts') : []),
    parse: (rest, names) => {
      const [word, text] = firstWord(something(rest, 'UART'));
      const { name } = names.uart(word);
      const pattern = textPattern(something(text, 'TEXT'));
      return ({ inbox }) => inbox.takeUart(name, pattern);
    },
  },
  {
    name: 'reported',
    args: 'JSON',
    about: 'the reported properties have, or get, these values',
    example: 'expect reported {"lamp": {"value": true}}',
    parse: (rest) => {
      const pattern = jsonPattern(something(rest, 'JSON'));
      if (
        typeof pattern !== 'object' ||
        pattern === null ||
        Array.isArray(pattern) ||
        Object.keys(pattern).length === 0
      )
        throw invalid('Reported properties are an object, of which one is named at least: {"lamp": …}');
      return ({ hubDevice }) => (hubDevice === undefined ? undefined : isLike(pattern, hubDevice.twin.reported));
    },
    unknown: 'no hub knows the device',
  },
  {
    name: 'method',
    args: 'NAME status NUMBER [JSON]',
    about: 'the last answer to a method has this status, and these fields',
    example: 'expect method setTemperature status 200',
    limitMs: 0, // `method` has waited for the answer
    complete: (_, before) => (before.length === 1 ? ['status'] : []),
    parse: (rest) => {
      const [name, afterName] = firstWord(something(rest, 'NAME'));
      const [status, afterStatus] = firstWord(afterName);
      const [number, payload] = firstWord(afterStatus);
      if (something(status, 'status NUMBER') !== 'status')
        throw invalid(`The word after the method's name is status, not ${status}`);
      const pattern = {
        status: integer(something(number, 'NUMBER'), 'A status', STATUS_RANGE),
        ...(payload === '' ? {} : { payload: jsonPattern(payload) }),
      };
      return ({ answers }) => (answers.has(name) ? isLike(pattern, answers.get(name)) : undefined);
    },
    unknown: 'no such method was called',
  },
  {
    name: 'connected',
    args: '',
    about: 'the device is, or gets, connected to its hub',
    example: 'expect connected',
    comes: true,
    unknown: 'the network is down, so that nothing can connect',
    parse: (rest) => (words(rest, []), (session) => (session.isNetworkUp ? session.isConnected : undefined)),
  },
  {
    name: 'disconnected',
    args: '',
    about: 'it was connected, and is no longer, or stops being so; the app runs',
    example: 'expect disconnected within 10m',
    comes: true,
    holdsAfterEnd: true,
    unknown: 'the app has not been connected',
    parse: (rest) => (words(rest, []), (session) => (session.wasConnected ? !session.isConnected : undefined)),
  },
  {
    name: 'exit',
    args: 'CODE',
    about: 'the app has ended, or ends, with this exit code',
    example: 'expect exit 0',
    comes: true,
    parse: (rest) => {
      const code = integer(words(rest, ['CODE'])[0] as string, 'An exit code', EXIT_CODE_RANGE);
      return (session) => session.takeExit(code);
    },
  },
];

interface Expectation {
  readonly text: string;
  readonly no: boolean;
  /** After the app's end it holds whatever the app has done. */
  readonly isVainAfterEnd: boolean;
  readonly check: Check;
  readonly unknown: string | undefined;
  readonly limitMs: number;
}

const CHOICES = EXPECTABLE.map(({ name }) => name);

/** `expect …` */
export const expectCommand = command<Expectation>({
  name: 'expect',
  args: '[no] WHAT [within DURATION]',
  about:
    'waits until something comes or is so, 60 s of the clock at most; with `no`: until it did not come in that time',
  examples: ['expect telemetry {"temperature": …} within 60s', 'expect no log ERROR within 1h'],
  complete: (names, before) => {
    const [first, ...rest] = before[0] === 'no' ? before.slice(1) : before;
    if (first === undefined) return before.length === 0 ? ['no', ...CHOICES] : CHOICES;
    return EXPECTABLE.find(({ name }) => name === first)?.complete?.(names, rest) ?? [];
  },
  argsFor: (rest) => {
    const { no, expectable } = expectableOf(rest);
    return (
      expectable && [no ? 'no' : '', expectable.name, expectable.args, '[within DURATION]'].filter(Boolean).join(' ')
    );
  },
  parse: parseExpectation,
  execute: async (session, { text, no, isVainAfterEnd, check, unknown, limitMs }) => {
    // "No" is of the time from now on.
    if (no) session.inbox.skip();
    if (session.end !== undefined && isVainAfterEnd)
      throw vain(text, no, 'the app has ended, and this holds whatever it has done. Expect it before the end', session);
    if ((await session.waits.waitFor(() => check(session) === true, limitMs)) === !no) {
      if (no && check(session) === undefined && unknown !== undefined)
        throw vain(text, no, `that says nothing: ${unknown}`, session);
      return;
    }
    const { end } = session;
    if (!no && end !== undefined && 'error' in end) throw crashed(text, session, end.error);
    const came = no ? `Did not expect ${text}, and it came` : `Expected ${text}, and ${missed(session, limitMs)}`;
    throw new SphereIotError('EXPECTATION_FAILED', `${came}. ${last(session)}`);
  },
});

/** An expectation that holds whatever the app does. */
function vain(text: string, no: boolean, why: string, session: Session): SphereIotError {
  const expected = `${no ? 'Did not expect' : 'Expected'} ${text}`;
  return new SphereIotError('EXPECTATION_FAILED', `${expected}, but ${why}. ${last(session)}`);
}

function parseExpectation(rest: string, names: Names): Expectation {
  const [before, limit] = limited(rest);
  if (/\swithin$/.test(before)) throw invalid('After within, a duration is missing: within 10s');
  const { no, what, args, expectable } = expectableOf(before);
  if (expectable === undefined)
    throw invalid(
      `${what === '' ? 'Say what is expected' : `${what} can't be expected`}; possible are ${CHOICES.join(', ')}`,
    );
  const expectation = {
    text: `${what} ${args}`.trim(),
    no,
    // Nothing comes any more then, but the exit code is there.
    isVainAfterEnd: no ? expectable.name !== 'exit' : expectable.holdsAfterEnd === true,
    check: expectable.parse(args, names),
    unknown: expectable.unknown,
    limitMs: limit === undefined ? (expectable.limitMs ?? DEFAULT_LIMIT) : milliseconds(limit),
  };
  if (no && expectable.comes === true && expectation.limitMs === 0)
    throw invalid('Nothing comes within 0 s: give no a longer time');
  return expectation;
}

/** What is expected, by its name, or is not (`no`). */
function expectableOf(text: string) {
  const [first, afterFirst] = firstWord(text);
  const no = first === 'no';
  const [what, args] = no ? firstWord(afterFirst) : [first, afterFirst];
  return { no, what, args, expectable: EXPECTABLE.find(({ name }) => name === what) };
}

/** What comes before `within LIMIT`, and the limit, where that stands at the end. */
function limited(rest: string): readonly [before: string, limit?: string] {
  const [within, limit] = rest.split(/\s+/).slice(1).slice(-2);
  if (within !== 'within' || limit === undefined) return [rest];
  return [rest.slice(0, rest.lastIndexOf(within, rest.length - limit.length - 1)).trimEnd(), limit];
}

/** JSON where it looks like it. */
function bodyPattern(text: string): (body: unknown) => boolean {
  if (text === '') return () => true;
  if (/^[[{"]|^(?:-?\d+(?:\.\d+)?|true|false|null|…|\.\.\.)$/.test(text)) {
    const pattern = jsonPattern(text);
    return (body) => isLike(pattern, body);
  }
  const pattern = textPattern(text);
  return (body) => pattern(typeof body === 'string' ? body : JSON.stringify(body)) !== undefined;
}

/** An app that has crashed brings nothing any more: where and why is what counts, and its code. */
function crashed(text: string, session: Session, error: unknown): SphereIotError {
  const code = error instanceof SphereIotError ? error.code : 'APP_CRASHED';
  return new SphereIotError(code, `Expected ${text}, and the app ended before: ${messageOf(error)} ${last(session)}`, {
    cause: error,
  });
}

function last({ happenings }: Session): string {
  const entries = happenings.last(SHOWN);
  if (entries.length === 0) return 'Nothing has happened at all.';
  return `The last that happened:\n${entries.map((entry) => `  ${describeHappening(entry)}`).join('\n')}`;
}

function missed({ end }: Session, limitMs: number): string {
  if (end !== undefined && 'code' in end && limitMs > 0) return `the app has ended with exit code ${end.code}`;
  return limitMs === 0 ? 'it is not so' : `it did not come within ${limitMs / 1000} s`;
}
