// Foreign text in which secrets are looked for: long, and written so that a name, an escape or base64 may begin anywhere.
import { rememberSignature } from '../../src/known-signatures.js';
import { masked } from '../../src/masked.js';
import { printable } from '../../src/printable.js';
import { attacks } from './attack-table.js';

const LENGTH = 400_000;
const PARTS = [
  'sig',
  'sig=',
  'sig ',
  'sig:"',
  '%25',
  '\\',
  '\\u005c',
  '&#1',
  '/',
  'aA1=',
  'a\r\n',
  'authorization:',
  'cookie: \n',
  '://a:',
];
const PEM = '-----BEGIN PRIVATE KEY-----';
const repeated = (part: string): string => part.repeat(Math.ceil(LENGTH / part.length)).slice(0, LENGTH);
/** Telemetry as devices send it. */
const honest = (): void => void masked(repeated('{"message":"Connected to 40 %2F of 100","humidity":40.25},\n'));

attacks('secrets are looked for in', [
  ...[...PARTS, PEM].map((part) => ({
    name: `many of ${JSON.stringify(part)}`,
    honest,
    attack: () => void masked(repeated(part)),
    times: 20,
  })),
  {
    name: 'base64 in base64',
    honest,
    attack: () => {
      let text = repeated('sig.');
      for (let depth = 0; depth < 3; depth++) text = Buffer.from(text).toString('base64').slice(0, LENGTH);
      masked(text);
    },
    times: 20,
  },
  ...['a', '0a-_'].map((part) => ({
    name: `known signatures, in ${part}`,
    honest,
    attack: () => {
      for (let number = 0; number < 5000; number++) rememberSignature(`&sig=${String(number).padEnd(42, part)}A`);
      masked(repeated(part));
    },
    times: 20,
  })),
  { name: 'lines of a terminal', honest, attack: () => void printable(repeated('\u001b')), times: 20 },
]);
