import fc from 'fast-check';

import { shortened } from '../src/emulator/observe/shortened.js';
import { SphereIotError } from '../src/errors.js';
import { rememberSignature } from '../src/known-signatures.js';
import { masked } from '../src/masked.js';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 37 + 251) % 256)).toString('base64');
const percent = (text: string): string => text.replace(/[^\w.-]/g, (character) => encodeURIComponent(character));
const allPercent = (text: string): string => Buffer.from(text).toString('hex').replace(/../g, '%$&');
const unicode = (text: string): string =>
  text.replace(/[^]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
const lines = (text: string): string => base64(text).replace(/.{20}/g, '$&\r\n');
const wide = (text: string): string => Buffer.from(text, 'utf16le').toString('latin1');
const entities = (text: string): string => text.replace(/["&=]/g, (c) => `&#${c.charCodeAt(0)};`);

describe('what is secret', () => {
  test.each([
    ['SharedAccessSignature sr=a&sig=x%2B&se=1', 'SharedAccessSignature sr=a&sig=(masked)&se=1'],
    ['{"sasToken":"?sv=1&sig=x/y=","a":1}', '{"sasToken":"?sv=1&sig=(masked)","a":1}'],
    ['{"sig":"x/y=","a":1}', '{"sig":"(masked)","a":1}'],
    ['{ "Sig" : "x y" }', '{ "Sig" : "(masked)" }'],
    [String.raw`{"a":"{\"sig\":\"xyz\"}"}`, String.raw`{"a":"{\"sig\":\"(masked)\"}"}`],
    [String.raw`{"\u0073ig":"xyz"}`, String.raw`{"\u0073ig":"(masked)"}`],
    [String.raw`{"\\u0073ig":"xyz"}`, String.raw`{"\\u0073ig":"(masked)"}`],
    ['sig= xyz&a', 'sig= (masked)&a'],
    ['SIG = xyz', 'SIG = (masked)'],
    ['%73ig=xyz', '%73ig=(masked)'],
    ['%2573%69g%3dxyz', '%2573%69g%3d(masked)'],
    ['a%26sig%3Dx&b', 'a%26sig%3D(masked)&b'],
    ['a%2526sig%253Dx&b', 'a%2526sig%253D(masked)&b'],
    ['a%252526sig%25253Dx%2526b', 'a%252526sig%25253D(masked)%2526b'],
    ['<Sig>xyz</Sig>', '<Sig>(masked)</Sig>'],
    ['&quot;sig&quot;:&quot;xyz&quot;', '&quot;sig&quot;:&quot;(masked)&quot;'],
    [
      'HostName=h;SharedAccessKeyName=n;SharedAccessKey=x==;a=b',
      'HostName=h;SharedAccessKeyName=n;SharedAccessKey=(masked);a=b',
    ],
    ['AccountName=n;AccountKey=x==', 'AccountName=n;AccountKey=(masked)'],
    ['{"primaryKey":"x","secondaryKey":"y"}', '{"primaryKey":"(masked)","secondaryKey":"(masked)"}'],
    ['{"userName":"u","password":"p w","x":1}', '{"userName":"u","password":"(masked)","x":1}'],
    ['Authorization: Basic dTpw\r\nHost: h', 'Authorization: Basic (masked)\r\nHost: h'],
    ['Authorization: Digest username="u", response="x"\r\nHost: h', 'Authorization: Digest (masked)\r\nHost: h'],
    ['Host: h\r\nproxy-authorization:  my own token', 'Host: h\r\nproxy-authorization:  (masked)'],
    ['Set-Cookie: a=b; Path=/\r\nCookie: a=b', 'Set-Cookie: (masked)\r\nCookie: (masked)'],
    ['got https://me:p%40ss@host/a:b@c', 'got https://me:(masked)@host/a:b@c'],
    [`t=${base64('x://a:b-c@host-1')}`, 't=(masked)'],
    ['amqps://:p@ss@host', 'amqps://:(masked)@host'],
    [`authorization: SharedAccessSignature sr=a&sig=x`, `authorization: SharedAccessSignature sr=a&sig=(masked)`],
    [`my key is ${KEY}.`, 'my key is (masked:783d).'],
    [`a/${percent(KEY)}/b`, 'a/(masked:783d)/b'],
    [`${KEY.slice(0, 43)}${KEY.slice(0, 43)}==`, '(masked:bcbd)'],
    [`{"t":"${base64('SharedAccessSignature sr=a&sig=x&se=1')}"}`, '{"t":"(masked)"}'],
    [`t=${base64(base64('SharedAccessSignature sr=a&sig=x&se=1'))}`, 't=(masked)'],
    [
      '-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----',
      '-----BEGIN EC PRIVATE KEY-----(masked)-----END EC PRIVATE KEY-----',
    ],
  ])('in %s', (text, shown) => {
    expect(masked(text)).toBe(shown);
    expect(masked(shown)).toBe(shown);
  });

  const written = [
    'sig=VALUE',
    '"sig":"VALUE"',
    'sig= VALUE',
    'SharedAccessKey=VALUE;',
    "AccountKey='VALUE'",
    'password: VALUE',
  ];
  const writings = { percent, allPercent, unicode, json, base64, lines, wide, entities };
  const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64'));

  test('is in no text in which it has a name, however that is written', () => {
    const forms = fc.array(fc.constantFrom(...Object.entries(writings)), { maxLength: 3 });
    const around = fc.constantFrom('', '&', ' ', '{"a":1,', 'x/', 'a%20', 'ü ', '😀');
    fc.assert(
      fc.property(secret, fc.constantFrom(...written), forms, around, (value, form, steps, before) => {
        const isShort = steps.filter(([name]) => name === 'base64' || name === 'lines').length <= 2;
        fc.pre(isShort);
        const text = (inner: string): string =>
          before + steps.reduce((all, [, write]) => write(all), form.replace('VALUE', inner));
        const shown = masked(text(value));
        // A part of a few characters may be the same by chance; what is shown of the whole may not depend on the secret at all.
        expect(shown).toMatch(/\(masked[:)]/);
        const whole = text(value);
        const other = text('A'.repeat(44));
        const parts = Array.from({ length: Math.max(0, whole.length - 11) }, (_, at) => whole.slice(at, at + 12));
        expect(parts.filter((part) => shown.includes(part) && !other.includes(part))).toEqual([]);
      }),
      { seed: 18, numRuns: 500 },
    );
  });

  test('is in no beginning of a text', () => {
    fc.assert(
      fc.property(secret, fc.nat(60), (value, length) => {
        expect(masked(`a key: ${value}, sig=${value}`, length)).not.toContain(value.slice(0, 4));
      }),
      { seed: 18 },
    );
  });
});

test.each([
  'config=1&signal=2',
  'authorization: SharedAccessSignature',
  'https://host:8443/a@b, mqtts://device@host:8883',
  'HostName=contoso.azure-devices.net;DeviceId=kettle-1;x509=true',
  'contoso.azure-devices.net/kettle-1/?api-version=2021-04-12&DeviceClientType=iothubclient%2f1.14.0%20(native%3b%20Linux%3b%20x86_64)',
  '{"password":true,"sig":null,"primaryKey":{"a":1}}',
  'the password is no SharedAccessSignature',
  `devices/${'0123456789abcdef'.repeat(8)}/messages/events/`,
  Buffer.from('1767225600000_123e4567-e89b-12d3-a456-426614174000+').toString('base64'),
  Buffer.from(Array.from({ length: 500 }, (_, index) => (index * index) % 251)).toString('base64'),
  'C:\\new\\sig\\x, 100 % of 50%ff, \\u, &;',
])('%s is shown as it is', (text) => expect(masked(text)).toBe(text));

test('an error has none of it, also where it tells only a part of a text', () => {
  const text = `${'x'.repeat(90)} ${KEY}`;
  expect(new SphereIotError('INTERNAL_ERROR', `sig=abc, ${shortened(text)}`).message).toBe(
    `sig=(masked) ${'x'.repeat(90)} (masked:783d)…`,
  );
});

test('two digests have two masks, of which each is the same again', () => {
  const [one, other] = [KEY, base64('another digest, of 32 bytes, too')];
  expect(masked(one)).not.toBe(masked(other));
  expect(masked(`${other} ${one}`)).toBe(`${masked(other)} ${masked(one)}`);
});

describe('a signature that was seen in a token', () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 41 + 250) % 256));
  const token = (signature: string): string => `SharedAccessSignature sr=a&sig=${signature}&se=1`;
  const forms = [
    ['base64', bytes.toString('base64')],
    ['base64 without padding', bytes.toString('base64').slice(0, -1)],
    ['base64url', bytes.toString('base64url')],
    ['hexadecimal', bytes.toString('hex')],
    ['hexadecimal in capitals', bytes.toString('hex').toUpperCase()],
    ['percent-encoded', encodeURIComponent(bytes.toString('base64').slice(0, -1))],
  ] as const;
  beforeAll(() => rememberSignature(token(encodeURIComponent(bytes.toString('base64')))));

  test.each(forms)('is masked without its name: %s', (_, form) => {
    expect(masked(`device-${form}.`)).toBe('device-(masked).');
    expect(masked(`devices/d${form}2/x`)).toBe('devices/d(masked)2/x');
  });

  test.each(forms.slice(1, 5))('another one is not: %s', (_, form) => {
    const other = `${form.startsWith('A') ? 'B' : 'A'}${form.slice(1)}`;
    expect(masked(`device-${other}`)).toBe(`device-${other}`);
  });

  test.each(['short', 'x'.repeat(43 * 5), '', 'kettle-1'])('what is no signature is not remembered: %s', (text) => {
    rememberSignature(token(text));
    expect(masked(`device-${text}`)).toBe(`device-${text}`);
  });

  test('is forgotten after 4096 others', () => {
    const first = Buffer.alloc(32, 7).toString('hex');
    rememberSignature(token(Buffer.from(first, 'hex').toString('base64url')));
    for (let number = 0; number < 4095; number++) {
      const other = Buffer.alloc(32);
      other.writeUInt32BE(number);
      rememberSignature(token(other.toString('base64url')));
    }
    expect(masked(first)).toBe('(masked)');
    rememberSignature(token(Buffer.alloc(32, 9).toString('base64url')));
    expect(masked(first)).toBe(first);
  });
});
