// Which keys a CA may have: what takes long to verify, and nobody has, is not verified at all.
import { X509Certificate } from 'node:crypto';

import { findPath } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { CertificateList } from '../../src/emulator/index.js';
import { dsa, ec, forged, rsa, type KeyKind } from './forged-certificates.js';
import { OpensslChains } from './openssl-chains.js';

const LONG = Buffer.alloc(8, 0xff);

const read = (kind: KeyKind, names: { subject: string; issuer: string }, key?: Buffer) =>
  new X509Certificate(forged(kind, names, key));

test.each<[string, KeyKind, RegExp]>([
  ['RSA 16384', rsa(16_384), /its key is RSA 16384: a CA may have RSA up to 8192 bits/],
  ['RSA-PSS 16384', rsa(16_384, Buffer.of(1, 0, 1), true), /its key is /],
  ['a long exponent', rsa(2048, LONG), /its key is RSA 2048 with an exponent of more than 33 bits/],
  ['a curve that nobody has', ec('sect571r1', 64), /its key is sect571r1/],
  ['DSA', dsa(), /its key is dsa/],
])('a CA with %s verifies nothing, and is told of', (_, kind, words) => {
  const ca = read(kind, { subject: 'CA', issuer: 'CA' });
  const leaf = read(kind, { subject: 'leaf', issuer: 'CA' }, ec('P-256', 32).key());
  const found = findPath(leaf, { anchors: [ca], others: [], now: Date.UTC(2026, 1) });
  expect(found).toMatchObject({ kind: 'unknownIssuer', reason: expect.stringMatching(words) });
  expect(found).toMatchObject({
    reason: expect.stringMatching(/^the certificate of CA is not used as the issuer of /),
  });
  expect(() => new CertificateList(new VirtualClock()).upload('ca', ca)).toThrow(
    expect.objectContaining({ code: 'CA_KEY_UNSUPPORTED', message: expect.stringMatching(words) }),
  );
});

test.each([
  ['rsa', ['RSA', '-pkeyopt', 'rsa_keygen_bits:4096']],
  ['rsa-pss', ['RSA-PSS']],
  ['ec', ['EC', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ['ed448', ['ED448']],
])('a CA with %s (%j) is one like any other', (type, algorithm) => {
  const made = new OpensslChains();
  try {
    made.ca('root', { algorithm }).leaf('leaf', { by: 'root' });
    const root = made.certificate('root');
    expect(root.publicKey.asymmetricKeyType).toBe(type);
    const options = { anchors: [root], others: [], now: Date.now() };
    expect(findPath(made.certificate('leaf'), options)).toHaveLength(2);
    expect(new CertificateList(new VirtualClock()).upload('ca', root)).toMatchObject({ name: 'ca' });
  } finally {
    made.remove();
  }
});
