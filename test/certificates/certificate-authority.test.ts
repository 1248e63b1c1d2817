import { X509Certificate } from 'node:crypto';

import { CertificateAuthority, splitPem, validityOf } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { codeOf, DAY, DEVICE_ID, HOUR, text, verify } from './support.js';

const START = Date.UTC(2026, 0, 1, 12, 0, 0, 700);

describe('CertificateAuthority', () => {
  const clock = new VirtualClock({ start: START });
  let root: CertificateAuthority;
  let intermediate: CertificateAuthority;

  beforeAll(async () => {
    root = await CertificateAuthority.create({
      subject: { commonName: 'Contoso Root', organization: 'Contoso', country: 'DE' },
      clock,
      curve: 'P-384',
    });
    intermediate = await CertificateAuthority.create({ subject: { commonName: 'Contoso Plant' }, clock, issuer: root });
  });

  test('a root signs itself and is a CA', () => {
    const { certificate } = root;
    expect(certificate.ca).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const shown = text(root.pem);
    expect(shown).toContain('Subject: CN=Contoso Root,O=Contoso,C=DE');
    expect(shown).toMatch(/Basic Constraints: critical\s+CA:TRUE/);
    expect(shown).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(shown).toContain('secp384r1');
    expect(shown).toContain('ecdsa-with-SHA384');
    expect(verify(root.pem, root.pem, START)).toContain('OK');
  });

  test('gives its certificate as PEM, DER and chain', () => {
    expect(new X509Certificate(root.der).fingerprint256).toBe(root.certificate.fingerprint256);
    expect(intermediate.chain).toEqual([intermediate.pem, root.pem]);
    expect(root.chain).toEqual([root.pem]);
    expect(intermediate.subject).toEqual({ commonName: 'Contoso Plant' });
  });

  test('key identifiers link a certificate to its issuer', () => {
    const identifier = (pem: string, which: string): string | undefined =>
      new RegExp(`X509v3 ${which} Key Identifier: *\\n\\s+([0-9A-F:]+)`).exec(text(pem))?.[1];
    const own = identifier(root.pem, 'Subject');
    expect(own).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
    expect(identifier(root.pem, 'Authority')).toBe(own);
    expect(identifier(intermediate.pem, 'Authority')).toBe(own);
  });

  test('a client certificate carries the chain without the root', async () => {
    const credential = await intermediate.issue({ commonName: 'device-1', organization: 'Contoso' });
    expect(splitPem(credential.chain)).toEqual([credential.leaf.toString(), intermediate.pem]);
    expect(credential.commonName).toBe('device-1');
    expect(credential.leaf.subject).toBe('O=Contoso\nCN=device-1');
    expect(credential.leaf.checkPrivateKey(credential.privateKey)).toBe(true);
    expect(credential.leaf.checkIssued(intermediate.certificate)).toBe(true);
    expect(credential.leaf.verify(intermediate.certificate.publicKey)).toBe(true);
    expect(verify(credential.chain, root.pem, START, 'sslclient')).toContain('OK');
    expect(() => verify(credential.chain, root.pem, START, 'sslserver')).toThrow('unsuitable certificate purpose');
    const shown = text(credential.chain);
    expect(shown).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(shown).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(shown).toMatch(/Extended Key Usage: \s+TLS Web Client Authentication\n/);
    expect(shown).toContain('prime256v1');
    expect(shown).not.toContain('Alternative Name');
  });

  test('under a root alone the chain is the leaf alone', async () => {
    const credential = await root.issue({ commonName: 'device-1', curve: 'P-384' });
    expect(credential.chain).toBe(credential.leaf.toString());
    expect(text(credential.chain)).toContain('secp384r1');
    expect(verify(credential.chain, root.pem, START)).toContain('OK');
  });

  test('a server certificate has its name as alternative name, or those that are given', async () => {
    const plain = await intermediate.issue({ commonName: 'contoso.azure-devices.net', usage: 'server' });
    expect(plain.leaf.checkHost('contoso.azure-devices.net')).toBe('contoso.azure-devices.net');
    expect(verify(plain.chain, root.pem, START, 'sslserver')).toContain('OK');

    const subjectAltNames = ['*.azure-devices.net', '127.0.0.1', '::1', '2001:db8::a:0:1'];
    const named = await intermediate.issue({ commonName: 'hub', usage: 'server', subjectAltNames });
    expect(named.leaf.checkHost('contoso.azure-devices.net')).toBe('*.azure-devices.net');
    for (const address of subjectAltNames.slice(1)) expect(named.leaf.checkIP(address)).toBe(address);
    expect(named.leaf.checkIP('2001:db8::a:0:2')).toBeUndefined();
  });

  test('a common name of 128 characters, beyond X.520, survives', async () => {
    const credential = await intermediate.issue({ commonName: DEVICE_ID });
    expect(credential.leaf.subject).toBe(`CN=${DEVICE_ID}`);
    expect(text(credential.chain)).toContain(`Subject: CN=${DEVICE_ID}\n`);
    expect(verify(credential.chain, root.pem, START, 'sslclient')).toContain('OK');
  });

  test('names are kept in any script', async () => {
    const authority = await CertificateAuthority.create({ subject: { commonName: 'Werk Köln 東京' }, clock });
    const credential = await authority.issue({ commonName: 'gerät' });
    expect(credential.leaf.checkIssued(authority.certificate)).toBe(true);
    expect(credential.leaf.subject).toBe('CN=gerät');
  });

  test('validity is the clock’s: whole seconds, from 5 minutes ago', async () => {
    const { leaf } = await root.issue({ commonName: 'device-1', validityMs: HOUR });
    const second = START - 700;
    expect(validityOf(leaf)).toEqual({ from: second - 300_000, until: second + HOUR });
    expect(validityOf(root.certificate).until).toBe(second + 3650 * DAY);
    expect(() => verify(leaf.toString(), root.pem, START + 2 * HOUR)).toThrow('certificate has expired');

    const exact = await CertificateAuthority.create({ subject: { commonName: 'Exact' }, clock, skewMs: 0 });
    expect(validityOf(exact.certificate).from).toBe(second);
  });

  test('a negative validity makes an expired certificate', async () => {
    const { leaf } = await root.issue({ commonName: 'device-1', validityMs: -60_000 });
    expect(validityOf(leaf).until).toBeLessThan(clock.now());
    expect(() => verify(leaf.toString(), root.pem, START)).toThrow('certificate has expired');
  });

  test('times before and after 2050 are written as X.509 wants them', async () => {
    const late = new VirtualClock({ start: Date.UTC(2049, 11, 31) });
    const authority = await CertificateAuthority.create({ subject: { commonName: 'Late' }, clock: late });
    expect(validityOf(authority.certificate)).toEqual({
      from: late.now() - 300_000,
      until: late.now() + 3650 * DAY,
    });
    expect(verify(authority.pem, authority.pem, late.now() + DAY)).toContain('OK');
  });

  test('serial numbers are positive, long and differ', async () => {
    const issued = await Promise.all(Array.from({ length: 8 }, () => root.issue({ commonName: 'device-1' })));
    const serials = issued.map(({ leaf }) => leaf.serialNumber);
    expect(new Set(serials).size).toBe(8);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  test('every certificate gets a key of its own', async () => {
    const [a, b] = await Promise.all([root.issue({ commonName: 'a' }), root.issue({ commonName: 'a' })]);
    expect(a.leaf.checkPrivateKey(b.privateKey)).toBe(false);
  });

  test('the proof of possession has the code as common name and this authority’s signature', async () => {
    const code = '8B6BAC2AC4D9F1DCE2E8A1B7A9E0E9C5B6E6E8C2A1B2C3D4';
    const proof = await intermediate.proofOfPossession(code);
    expect(proof.subject).toBe(`CN=${code}`);
    expect(proof.ca).toBe(false);
    expect(proof.verify(intermediate.certificate.publicKey)).toBe(true);
    expect(proof.verify(root.certificate.publicKey)).toBe(false);
    expect(verify(proof.toString() + intermediate.pem, root.pem, START)).toContain('OK');
  });

  test('the clock stands still while a certificate is signed', async () => {
    const held = new VirtualClock({ start: START });
    const seen: number[] = [];
    const creating = CertificateAuthority.create({ subject: { commonName: 'Held' }, clock: held }).then((authority) => {
      seen.push(held.now());
      return authority.issue({ commonName: 'device-1' });
    });
    void creating.then(() => seen.push(held.now()));
    await held.advance(DAY);
    expect(seen).toHaveLength(2);
    expect(new Set(seen)).not.toContain(START + DAY);
  });

  test('refuses a certificate without a name, one that ends before it begins, and one that ends after the year 9999', async () => {
    const subject = { commonName: '' };
    expect(await codeOf(() => CertificateAuthority.create({ subject, clock }))).toBe('CERTIFICATE_COMMON_NAME_MISSING');
    expect(await codeOf(() => root.issue({ commonName: 'a\ud800' }))).toBe('CERTIFICATE_NAME_INVALID');
    expect(await codeOf(() => root.issue(subject))).toBe('CERTIFICATE_COMMON_NAME_MISSING');
    expect(await codeOf(() => root.proofOfPossession(''))).toBe('CERTIFICATE_COMMON_NAME_MISSING');
    expect(await codeOf(() => root.issue({ commonName: 'a', validityMs: -HOUR }))).toBe('CERTIFICATE_VALIDITY_INVALID');
    expect(await codeOf(() => root.issue({ commonName: 'a', validityMs: NaN }))).toBe('CERTIFICATE_VALIDITY_INVALID');
    // No date, and a year of five digits.
    for (const validityMs of [Infinity, 8.64e15, 9000 * 365 * 24 * HOUR])
      expect(await codeOf(() => root.issue({ commonName: 'a', validityMs }))).toBe('CERTIFICATE_VALIDITY_INVALID');
    await clock.advance(0);
  });
});
