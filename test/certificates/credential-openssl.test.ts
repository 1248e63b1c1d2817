import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readCredential, splitPem, type ReadCredentialOptions } from '../../src/certificates/index.js';
import { SphereIotError } from '../../src/errors.js';

/** What readCredential does with files that the openssl command made. */
const directory = mkdtempSync(join(tmpdir(), 'sphere-iot-credential-'));
const CA = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'];
const P256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const KINDS: [string, string[]][] = [
  ['rsa2048', ['rsa:2048']],
  ['rsa4096', ['rsa:4096']],
  ['p256', P256],
  ['p384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ['ed25519', ['ed25519']],
];

const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
const file = (name: string) => readFileSync(join(directory, name));
const pem = (...names: string[]) => names.map((name) => file(`${name}.pem`).toString()).join('');
const key = (name: string) => file(`${name}.key`).toString();

interface Made {
  subject?: string;
  issuer?: string | undefined;
  kind?: string[];
  extensions?: string[];
}

/** Writes `name.pem` and `name.key`. */
function make(name: string, { subject = `/CN=${name}`, issuer, kind = P256, extensions = [] }: Made = {}): string {
  const files = ['-config', 'openssl.cnf', '-keyout', `${name}.key`, '-out', `${name}.pem`];
  const signer = issuer === undefined ? [] : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`];
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  openssl('req', '-x509', '-nodes', '-days', '30', '-subj', subject, ...files, ...signer, ...added, '-newkey', ...kind);
  return name;
}

function failure(
  chain: Parameters<typeof readCredential>[0],
  of: string | Uint8Array,
  options?: ReadCredentialOptions,
) {
  try {
    readCredential(chain, of, options);
  } catch (error) {
    if (error instanceof SphereIotError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('no error was thrown');
}

beforeAll(() => {
  writeFileSync(join(directory, 'openssl.cnf'), '[req]\ndistinguished_name=dn\n[dn]\n');
  make('root', { extensions: CA });
  make('plant', { issuer: 'root', extensions: CA });
  make('line', { issuer: 'plant', extensions: CA });
  for (const [name, kind] of KINDS) make(name, { issuer: 'line', kind });
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('certificates', () => {
  test.each(KINDS.map(([name]) => name))('%s, PEM and DER, in any order, with its root', (name) => {
    const chain = [name, 'line', 'plant'];
    const expected = { chain: pem(...chain), commonName: name };
    const der = (one: string) => openssl('x509', '-in', `${one}.pem`, '-outform', 'der');
    const inputs = [
      pem(...chain),
      pem('root', 'plant', 'line', name),
      pem('plant', name, 'root', 'line', name),
      Buffer.from(pem('line', 'plant', name)),
      new Uint8Array(Buffer.concat(['plant', name, 'line', 'root'].map(der))),
      [der('plant'), pem('line', 'root'), der(name)],
    ];
    for (const input of inputs) expect(readCredential(input, key(name))).toMatchObject(expected);
  });

  test('a self-signed one alone is sent', () => {
    make('alone');
    expect(readCredential(pem('alone'), key('alone')).chain).toBe(pem('alone'));
  });

  test('none, no PEM, truncated', () => {
    expect(failure([], key('p256'))).toMatch(/^CERTIFICATE_NOT_PEM: No certificate/);
    expect(failure(Buffer.alloc(0), key('p256'))).toMatch(/^CERTIFICATE_NOT_PEM/);
    expect(failure(Buffer.from('0 is no DER'), key('p256'))).toMatch(/^CERTIFICATE_NOT_PEM/);
    const text = pem('p256', 'line');
    expect(failure(text.slice(0, -3), key('p256'))).toMatch(/^CERTIFICATE_TRUNCATED: Of 2 .* only 1 .*CN=p256/);
    const header = text.slice(0, pem('p256').length + 14);
    expect(failure(header, key('p256'))).toMatch(/^CERTIFICATE_TRUNCATED: Of 2 .* only 1/);
    const lines = text.trim().split('\n');
    const short = [...lines.slice(0, -4), ...lines.slice(-1)].join('\n');
    expect(failure(short, key('p256'))).toMatch(/^CERTIFICATE_TRUNCATED: Certificate 2, after CN=p256,/);
    const der = openssl('x509', '-in', 'p256.pem', '-outform', 'der');
    expect(failure(der.subarray(0, -100), key('p256'))).toMatch(/^CERTIFICATE_TRUNCATED: Certificate 1 of/);
    expect(failure([der, der.subarray(0, 3)], key('p256'))).toMatch(/^CERTIFICATE_NOT_PEM/);
    expect(failure(Buffer.concat([der, Buffer.from('x')]), key('p256'))).toMatch(/^CERTIFICATE_NOT_PEM: .*CN=p256/);
  });
});

describe('keys', () => {
  const secret = ['-passout', 'pass:secret'];
  const forms: [string, string, string[], string | undefined][] = [
    ['PKCS#8', 'rsa2048', ['pkcs8', '-topk8', '-nocrypt'], undefined],
    ['PKCS#1', 'rsa2048', ['rsa', '-traditional'], undefined],
    ['SEC1', 'p256', ['ec'], undefined],
    ['SEC1 of P-384', 'p384', ['ec'], undefined],
    ['PKCS#8 of Ed25519', 'ed25519', ['pkcs8', '-topk8', '-nocrypt'], undefined],
    ['encrypted PKCS#8', 'p256', ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', ...secret], 'secret'],
    ['encrypted PKCS#8 of Ed25519', 'ed25519', ['pkcs8', '-topk8', '-scrypt', ...secret], 'secret'],
  ];
  test.each(forms)('%s of %s, PEM and DER', (_, name, args, passphrase) => {
    const [command, ...rest] = args as [string, ...string[]];
    for (const form of ['PEM', 'DER']) {
      const given = openssl(command, '-in', `${name}.key`, '-outform', form, ...rest);
      const inputs = form === 'PEM' ? [given, given.toString(), `text\n${pem(name)}${given}`] : [new Uint8Array(given)];
      for (const input of inputs) {
        expect(readCredential(pem(name), input, { passphrase }).commonName).toBe(name);
        if (passphrase === undefined) continue;
        expect(failure(pem(name), input)).toMatch(`KEY_PASSPHRASE_MISSING: The private key of CN=${name} is encrypted`);
        for (const wrong of ['', 'Secret', 'x'.repeat(5000)])
          expect(failure(pem(name), input, { passphrase: wrong })).toMatch(/^KEY_PASSPHRASE_WRONG: .*CN=/);
      }
    }
  });

  test('PKCS#1 and SEC1 with the PEM encryption of old', () => {
    for (const [name, args] of Object.entries({ rsa2048: ['rsa', '-traditional'], p256: ['ec'] })) {
      const given = openssl(args[0]!, '-in', `${name}.key`, '-aes128', ...args.slice(1), ...secret);
      expect(readCredential(pem(name), given, { passphrase: 'secret' }).commonName).toBe(name);
      expect(failure(pem(name), given)).toMatch(/^KEY_PASSPHRASE_MISSING/);
      expect(failure(pem(name), given, { passphrase: 'other' })).toMatch(/^KEY_PASSPHRASE_WRONG/);
    }
  });

  test('the first that has an end', () => {
    const given = `-----BEGIN RSA PRIVATE KEY-----\nA\n${key('p256')}`;
    expect(readCredential(pem('p256'), given).commonName).toBe('p256');
  });

  test('none, no key, cut off', () => {
    const chain = pem('root', 'plant', 'line', 'p256');
    expect(failure(chain, Buffer.alloc(0))).toMatch(/^CERTIFICATE_KEY_MISSING: The private key of CN=p256 /);
    expect(failure(chain, pem('p256'))).toMatch(/^CERTIFICATE_KEY_NOT_PEM: .*CN=p256/);
    expect(failure(chain, new X509Certificate(pem('p256')).raw)).toMatch(/^CERTIFICATE_KEY_NOT_PEM: .*CN=p256/);
    expect(failure(chain, key('p256').slice(0, -3))).toMatch(/^CERTIFICATE_KEY_TRUNCATED: .*CN=p256/);
    const der = openssl('ec', '-in', 'p256.key', '-outform', 'der');
    expect(failure(chain, der.subarray(0, 40))).toMatch(/^CERTIFICATE_KEY_TRUNCATED: .*CN=p256/);
    expect(failure(chain, Buffer.from([0x30, 0x84]))).toMatch(/^CERTIFICATE_KEY_NOT_PEM/);
    expect(failure(chain, Buffer.from([0x30, 0x03, 0x02, 0x01, 0x00]))).toMatch(/^CERTIFICATE_KEY_NOT_PEM/);
  });

  test('of another certificate, and of the issuer', () => {
    expect(failure(pem('line', 'p256'), key('p384'))).toMatch(/^CERTIFICATE_KEY_MISMATCH: .*not that of CN=p256, nor/);
    expect(failure(pem('line', 'p256'), key('line'))).toMatch(
      /^CERTIFICATE_KEY_MISMATCH: .*not that of CN=p256 but that of its issuer, CN=line/,
    );
  });
});

describe('what the chain and its certificates are', () => {
  test('an issuer is missing, another leaf is with it, a root of the same name', () => {
    expect(failure(pem('p256', 'plant'), key('p256'))).toMatch(
      /^CERTIFICATE_CHAIN_BROKEN: CN=plant did not sign CN=p256/,
    );
    expect(failure(pem('p384', 'p256', 'line'), key('p256'))).toMatch(
      /^CERTIFICATE_CHAIN_BROKEN: CN=p384 did not sign CN=line, with which the chain of CN=p256 ends/,
    );
    make('twin', { subject: '/CN=root', extensions: CA });
    expect(failure(pem('p256', 'line', 'plant', 'twin'), key('p256'))).toMatch(
      /^CERTIFICATE_CHAIN_BROKEN: CN=root did/,
    );
  });

  test('an issuer that is no CA, or has no right to sign', () => {
    make('noca', { issuer: 'root', extensions: ['basicConstraints=CA:FALSE', 'keyUsage=digitalSignature'] });
    make('under-noca', { issuer: 'noca' });
    expect(failure(pem('under-noca', 'noca'), key('under-noca'))).toMatch(
      /^CERTIFICATE_NOT_A_CA: CN=noca signed CN=under-noca/,
    );
    make('nosign', { issuer: 'root', extensions: ['basicConstraints=CA:TRUE', 'keyUsage=cRLSign'] });
    make('under-nosign', { issuer: 'nosign' });
    expect(failure(pem('under-nosign', 'nosign'), key('under-nosign'))).toMatch(
      /^CERTIFICATE_NOT_A_CA: CN=nosign signed .*keyCertSign/,
    );
    make('plain', { issuer: 'plant', extensions: ['basicConstraints=CA:FALSE'] });
    make('under-plain', { issuer: 'plain' });
    expect(failure(pem('root', 'plant', 'plain', 'under-plain'), key('under-plain'))).toMatch(
      /^CERTIFICATE_NOT_A_CA: CN=plain signed CN=under-plain/,
    );
  });

  test('an issuer with the right name and key but another key identifier', () => {
    make('named-ca', { extensions: [...CA, 'subjectKeyIdentifier=hash'] });
    make('under-named', { issuer: 'named-ca', extensions: ['authorityKeyIdentifier=keyid:always'] });
    const again = ['-key', 'named-ca.key', '-subj', '/CN=named-ca', '-addext', CA[0]!, '-out', 'other-id.pem'];
    openssl('req', '-x509', '-config', 'openssl.cnf', ...again, '-addext', 'subjectKeyIdentifier=DEADBEEF');
    expect(readCredential(pem('under-named', 'named-ca'), key('under-named')).chain).toBe(pem('under-named'));
    expect(failure(pem('under-named', 'other-id'), key('under-named'))).toMatch(
      /^CERTIFICATE_CHAIN_BROKEN: CN=named-ca signed CN=under-named, whose authority key identifier/,
    );
  });

  test('ten certificates are taken, eleven are not', () => {
    const names = ['root'];
    for (let depth = 1; depth < 11; depth++)
      names.unshift(make(`depth${depth}`, { issuer: names[0], extensions: depth < 10 ? CA : [] }));
    expect(splitPem(readCredential(pem(...names.slice(0, 10)), key('depth10')).chain)).toHaveLength(10);
    expect(failure(pem(...names), key('depth10'))).toMatch(
      /^CERTIFICATE_CHAIN_TOO_LONG: The chain of CN=depth10 has 11 certificates/,
    );
  });

  test('validity by a clock', () => {
    const { validFrom, validTo } = new X509Certificate(pem('p256'));
    const at = (now: number) => ({ clock: { now: () => now } });
    const [from, until] = [Date.parse(validFrom), Date.parse(validTo)];
    for (const now of [from, until]) expect(readCredential(pem('p256'), key('p256'), at(now)).commonName).toBe('p256');
    expect(failure(pem('p256'), key('p256'), at(until + 1000))).toMatch(/^CERTIFICATE_EXPIRED: CN=p256 expired at/);
    expect(failure(pem('p256'), key('p256'), at(from - 1000))).toMatch(/^CERTIFICATE_NOT_YET_VALID: CN=p256 is valid/);
    expect(failure(pem('p256'), key('p256'), at(NaN))).toMatch(/^CERTIFICATE_NOT_YET_VALID: .*clock says NaN/);
  });

  test.each(['a.b-c_d:e', 'ends-', 'x'.repeat(64)])('the common name %s', (name) => {
    make('named', { subject: `/CN=${name}` });
    expect(readCredential(pem('named'), key('named')).commonName).toBe(name);
  });

  test.each<[name: string, ofHub: boolean]>([
    ['ends.', true],
    ['ends_', true],
    ['ends:', true],
    ['a@b', true],
    ["!%*?(),=$'", true],
    ['with space', false],
    ['a#b', false],
    ['ümlaut', false],
  ])('the common name %s is refused by the rule of DPS; IoT Hub takes it: %s', (name, ofHub) => {
    openssl(
      ...['req', '-x509', '-nodes', '-utf8', '-subj', `/CN=${name}`, '-config', 'openssl.cnf'],
      ...[...['-keyout', 'named.key', '-out', 'named.pem', '-newkey', ...P256]],
    );
    const given = [pem('named'), key('named')] as const;
    expect(failure(...given)).toMatch(/^CERTIFICATE_COMMON_NAME_INVALID: DPS .*CN=.* as a registration id/);
    if (ofHub) expect(readCredential(...given, { service: 'hub' }).commonName).toBe(name);
    else
      expect(failure(...given, { service: 'hub' })).toMatch(
        /^CERTIFICATE_COMMON_NAME_INVALID: IoT Hub .*CN=.* as a device id/,
      );
  });

  test('no common name', () => {
    make('unnamed', { subject: '/O=Contoso' });
    expect(failure(pem('unnamed'), key('unnamed'))).toMatch(/^CERTIFICATE_COMMON_NAME_MISSING: .*O=Contoso/);
  });

  test.each([
    ['rsa:1024', 'CERTIFICATE_KEY_WEAK: The key of CN=odd is too weak: RSA with 1024 bits'],
    [
      'rsa:4104',
      'CERTIFICATE_KEY_UNSUPPORTED: The key of CN=odd is of a kind that is not supported: RSA with 4104 bits',
    ],
    [
      'ec:P-521',
      'CERTIFICATE_KEY_UNSUPPORTED: The key of CN=odd is of a kind that is not supported: the curve secp521r1',
    ],
    ['ec:secp256k1', 'not supported: the curve secp256k1'],
    ['ed448', 'not supported: ed448'],
  ])('a key of %s', (kind, message) => {
    const [type, curve] = kind.split(':') as [string, string | undefined];
    const args = type === 'ec' ? ['ec', '-pkeyopt', `ec_paramgen_curve:${curve}`] : [kind];
    make('odd', { kind: args, issuer: 'line' });
    expect(failure(pem('line', 'odd'), key('odd'))).toContain(message);
  });

  test('a weak key of an issuer', () => {
    make('weak', { kind: ['rsa:1024'], extensions: CA, issuer: 'root' });
    make('under-weak', { issuer: 'weak' });
    expect(failure(pem('under-weak', 'weak'), key('under-weak'))).toMatch(/^CERTIFICATE_KEY_WEAK: The key of CN=weak /);
  });
});
