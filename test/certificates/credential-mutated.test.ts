import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';

import fc from 'fast-check';

import { CertificateAuthority, readCredential, splitPem } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { SphereIotError } from '../../src/errors.js';
import { openssl } from './support.js';

/** Mutated certificates and keys: only our own errors come out, and never with key text. */
const PASSPHRASE = 'correct horse battery staple';
const clock = new VirtualClock();

interface Case {
  name: string;
  /** One certificate each. */
  chain: Buffer[];
  key: Buffer;
}
const cases: Case[] = [];

beforeAll(async () => {
  const root = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock });
  const plant = await CertificateAuthority.create({ subject: { commonName: 'Plant' }, clock, issuer: root });
  const { chain, privateKey } = await plant.issue({ commonName: 'device' });
  const pems = [...splitPem(chain), root.pem];
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ed = generateKeyPairSync('ed25519').privateKey;
  cases.push(...forms('P-256', pems, privateKey, 'sec1'), ...forms('RSA', [selfSigned(rsa)], rsa, 'pkcs1'));
  cases.push(...forms('Ed25519', [selfSigned(ed)], ed, 'pkcs8'));
});

function selfSigned(privateKey: KeyObject): string {
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return openssl(['req', '-x509', '-subj', '/CN=device', '-key', 'a.key', '-days', '9'], { 'a.key': key });
}

function forms(name: string, pems: string[], key: KeyObject, type: 'sec1' | 'pkcs1' | 'pkcs8'): Case[] {
  const pem = pems.map((one) => Buffer.from(one));
  const der = pems.map((one) => Buffer.from(one.replace(/-----[^-]*-----/g, ''), 'base64'));
  const encrypted = { type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: PASSPHRASE } as const;
  const bytes = (exported: string | Buffer) => Buffer.from(exported);
  return [
    { name: `${name}, PEM`, chain: pem, key: bytes(key.export({ type: type as 'pkcs8', format: 'pem' })) },
    { name: `${name}, DER`, chain: der, key: bytes(key.export({ type: type as 'pkcs8', format: 'der' })) },
    { name: `${name}, encrypted PEM`, chain: pem, key: bytes(key.export({ ...encrypted, format: 'pem' })) },
    { name: `${name}, encrypted DER`, chain: der, key: bytes(key.export({ ...encrypted, format: 'der' })) },
  ];
}

type Mutation = (bytes: Buffer) => Buffer;

/** Where in the bytes, from 0 to 1. */
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const at = (bytes: Buffer, where: number) => Math.floor(bytes.length * where);
const flip = fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([where, bits]): Mutation => (bytes) => {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[at(copy, where)]! ^= bits;
  return copy;
});
const truncate = place.map(
  (where): Mutation =>
    (bytes) =>
      bytes.subarray(0, at(bytes, where)),
);
const span = fc.tuple(place, place).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const duplicate = span.map(([a, b]): Mutation => (bytes) => {
  return Buffer.concat([bytes.subarray(0, at(bytes, b)), bytes.subarray(at(bytes, a))]);
});
const reorder = span.map(([a, b]): Mutation => (bytes) => {
  const [from, to] = [at(bytes, a), at(bytes, b)];
  return Buffer.concat([bytes.subarray(from, to), bytes.subarray(0, from), bytes.subarray(to)]);
});
const mutations = (minLength: number) =>
  fc.array(fc.oneof({ weight: 4, arbitrary: flip }, truncate, duplicate, reorder), { minLength, maxLength: 3 }).map(
    (list): Mutation =>
      (bytes) =>
        list.reduce((now, mutate) => mutate(now), bytes),
  );

/** Every text that could give the key away: it as text, its lines joined, and its DER as base64 and hex. */
function secrets(key: Buffer): string[] {
  const body = key.toString('latin1').replace(/-----[^-]*-----|\s/g, '');
  const der = key[0] === 0x30 ? key : Buffer.from(body, 'base64');
  return [key.toString('latin1'), body, der.toString('base64'), der.toString('hex'), PASSPHRASE];
}

function expectNoSecret(error: SphereIotError, keys: Buffer[]): void {
  let texts = inspect(error, { depth: 10, showHidden: true });
  for (let one: unknown = error; one instanceof Error; one = one.cause) texts += `${one.message}\n${one.stack}`;
  // The paths of a stack, and the armour, are no secret.
  texts = texts.replace(/^ +at .*$/gm, '').replace(/-----(BEGIN|END)[A-Z ]*-----/g, '');
  const found = new Set<string>();
  const hidden = keys.flatMap(secrets).map((secret) => secret.replace(/-----(BEGIN|END)[A-Z ]*-----/g, ''));
  for (let index = 0; index + 12 <= texts.length; index++) {
    const part = texts.slice(index, index + 12);
    if (/\S{12}/.test(part) && hidden.some((secret) => secret.includes(part))) found.add(part);
  }
  expect([...found]).toEqual([]);
}

/** The code of the error, or nothing; anything but a SphereIotError fails. */
function attempt(chain: Buffer | Buffer[], key: Buffer, original: Buffer, passphrase?: string): string | undefined {
  try {
    readCredential(chain, key, { passphrase, clock });
    return undefined;
  } catch (error) {
    if (!(error instanceof SphereIotError)) throw error;
    expectNoSecret(error, [key, original]);
    return error.code;
  }
}

const passphrases = fc.constantFrom(PASSPHRASE, PASSPHRASE, 'wrong', undefined);
const runs = { numRuns: 400 };

describe('mutated input', () => {
  test('unmutated, all of it is taken', () => {
    for (const { chain, key } of cases)
      expect(readCredential(Buffer.concat(chain), key, { passphrase: PASSPHRASE }).commonName).toBe('device');
  });

  test('certificates', () => {
    fc.assert(
      fc.property(fc.nat(), mutations(1), passphrases, (index, mutate, passphrase) => {
        const { chain, key } = cases[index % cases.length]!;
        attempt(mutate(Buffer.concat(chain)), key, key, passphrase);
        attempt(chain.map(mutate), key, key, passphrase);
      }),
      runs,
    );
  });

  test('keys', () => {
    fc.assert(
      fc.property(fc.nat(), mutations(1), passphrases, (index, mutate, passphrase) => {
        const { chain, key } = cases[index % cases.length]!;
        attempt(chain, mutate(key), key, passphrase);
      }),
      runs,
    );
  });

  test('both, and each in the place of the other', () => {
    fc.assert(
      fc.property(fc.nat(), mutations(0), mutations(0), fc.boolean(), (index, one, other, swap) => {
        const { chain, key } = cases[index % cases.length]!;
        const [certificates, secret] = [one(Buffer.concat(chain)), other(key)];
        if (swap) attempt(secret, certificates, key, PASSPHRASE);
        else attempt(Buffer.concat([secret, certificates]), Buffer.concat([certificates, secret]), key, PASSPHRASE);
      }),
      runs,
    );
  });

  test('whole certificates in any order and number are taken while the leaf is there', () => {
    fc.assert(
      fc.property(fc.nat(), fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 12 }), (index, picks, count) => {
        const { chain, key } = cases[index % cases.length]!;
        const given = [...picks.take(count)].map((pick) => chain[pick % chain.length]!);
        const code = attempt(given, key, key, PASSPHRASE);
        if (!given.includes(chain[0]!)) expect(code).toBe('CERTIFICATE_KEY_MISMATCH');
        else if (chain.length === 3 && given.includes(chain[2]!) && !given.includes(chain[1]!))
          expect(code).toBe('CERTIFICATE_CHAIN_BROKEN');
        else if (chain.length === 3) expect(code).toBeUndefined();
      }),
      runs,
    );
  });
});
