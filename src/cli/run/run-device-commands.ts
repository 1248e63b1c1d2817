import type { AttestationRefusal } from '../../certificates/index.js';
import { command, type RunCommand } from './command.js';
import { invalid, someTime, words } from './words.js';

const REFUSALS: Readonly<Record<string, AttestationRefusal>> = {
  'not-attested': 'notAttested',
  'os-too-old': 'osTooOld',
};
const ATTEST = ['refuse', 'accept', 'renew'] as const;
type Attest = { readonly what: (typeof ATTEST)[number]; readonly refusal?: AttestationRefusal };

/** What happens to the device. */
export const deviceCommands: readonly RunCommand[] = [
  command<{ up: boolean; ms?: number }>({
    name: 'network',
    args: 'up|down [DURATION]',
    about: 'takes the network away, or gives it back; for DURATION, or from now on',
    examples: ['network down 30s', 'network up'],
    complete: (_, before) => (before.length === 0 ? ['down', 'up'] : []),
    parse: (rest) => {
      const [state = '', ms] = words(rest, ['up|down', 'DURATION'], 1);
      if (state !== 'up' && state !== 'down') throw invalid(`The network is up or down, not ${state}`);
      return { up: state === 'up', ...(ms === undefined ? {} : { ms: someTime(ms) }) };
    },
    execute: (session, { up, ms }) => session.setNetwork(up, ms),
  }),
  command<Attest>({
    name: 'attest',
    args: 'refuse|accept|renew [REASON]',
    about:
      'refuses the next DAA certificates (REASON: not-attested, os-too-old), gives them again, or has the device get a new one now',
    examples: ['attest refuse', 'attest refuse os-too-old', 'attest renew'],
    complete: (_, before) => (before.length === 0 ? ATTEST : before[0] === 'refuse' ? Object.keys(REFUSALS) : []),
    parse: (rest) => {
      const [word = '', reason] = words(rest, ['refuse|accept|renew', 'REASON'], 1);
      const what = ATTEST.find((each) => each === word);
      if (what === undefined) throw invalid(`${word} is none of ${ATTEST.join(', ')}`);
      if (reason === undefined) return { what };
      const refusal = Object.hasOwn(REFUSALS, reason) ? REFUSALS[reason] : undefined;
      if (refusal === undefined || what !== 'refuse')
        throw invalid(`${reason} is no reason: attest refuse ${Object.keys(REFUSALS).join('|')}`);
      return { what, refusal };
    },
    execute: async (session, { what, refusal }) => {
      if (what === 'renew') return session.renewAttestation();
      if (what === 'refuse') session.refuseAttestation(refusal);
      else session.acceptAttestation();
      return undefined;
    },
  }),
  command<number | undefined>({
    name: 'time',
    args: '[+DURATION]',
    about: 'says the time; moves a virtual clock on',
    examples: ['time', 'time +24h'],
    onlySays: (ms) => ms === undefined,
    parse: (rest) => {
      const [text] = words(rest, ['+DURATION'], 0);
      if (text !== undefined && !text.startsWith('+')) throw invalid(`Give a duration with a plus: +24h, not ${text}`);
      return text === undefined ? undefined : someTime(text.slice(1));
    },
    execute: async (session, ms) => {
      if (ms !== undefined && session.virtualClock === undefined)
        throw invalid("The clock is the machine's: start with --clock virtual, or use wait");
      await session.virtualClock?.advance(ms ?? 0);
      return new Date(session.now).toISOString();
    },
  }),
  command<number>({
    name: 'wait',
    args: 'DURATION',
    about: 'lets time pass before the next command, on either clock',
    examples: ['wait 5s'],
    parse: (rest) => someTime(words(rest, ['DURATION'])[0] as string),
    execute: (session, ms) => session.waits.pass(ms),
  }),
  command<undefined>({
    name: 'restart',
    args: '',
    about:
      'ends the app as a device does (SIGTERM, two seconds later SIGKILL), and launches it again on the same device',
    examples: ['restart'],
    parse: none,
    execute: (session) => session.restart(),
  }),
  command<undefined>({
    name: 'quit',
    args: '',
    about: 'ends the app (SIGTERM, two seconds later SIGKILL)',
    examples: ['quit'],
    parse: none,
    execute: (session) => session.terminate(),
  }),
];

function none(rest: string): undefined {
  words(rest, []);
}
