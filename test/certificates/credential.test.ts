import {
  CertificateAuthority,
  commonNameOf,
  readCredential,
  splitPem,
  type Credential,
} from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { SphereIotError } from '../../src/errors.js';
import { codeOf, DEVICE_ID, openssl, opensslBytes } from './support.js';

const clock = new VirtualClock();
let root: CertificateAuthority;
let intermediate: CertificateAuthority;
let credential: Credential;
let key: string;

beforeAll(async () => {
  root = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock });
  intermediate = await CertificateAuthority.create({ subject: { commonName: 'Plant' }, clock, issuer: root });
  credential = await intermediate.issue({ commonName: DEVICE_ID });
  key = credential.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
});

function errorOf(act: () => unknown): SphereIotError {
  try {
    act();
  } catch (error) {
    if (error instanceof SphereIotError) return error;
  }
  throw new Error('no SphereIotError was thrown');
}

describe('readCredential', () => {
  test('reads a chain and its key', () => {
    const read = readCredential(credential.chain, key);
    expect(read.chain).toBe(credential.chain);
    expect(read.commonName).toBe(DEVICE_ID);
    expect(read.leaf.fingerprint256).toBe(credential.leaf.fingerprint256);
    expect(read.privateKey.equals(credential.privateKey)).toBe(true);
  });

  test('takes a leaf alone, and a chain with its root, which it leaves out', () => {
    expect(splitPem(readCredential(credential.leaf.toString(), key).chain)).toHaveLength(1);
    expect(readCredential(credential.chain + root.pem, key).chain).toBe(credential.chain);
  });

  test('takes SEC1 keys, CRLF, text between the blocks and a key in the chain’s file, which it leaves out', () => {
    const sec1 = credential.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    const [leaf, issuer] = splitPem(credential.chain);
    const file = `Bag Attributes\n${leaf}\n${sec1}subject=CN = Plant\n${issuer}`.replace(/\n/g, '\r\n');
    const read = readCredential(file, sec1);
    expect(read.chain).toBe(credential.chain);
    expect(read.chain).not.toContain('PRIVATE');
  });

  test('takes an RSA credential that openssl made', () => {
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=rsa-device', '-days', '1'];
    const both = openssl([...args, '-keyout', '-', '-out', '-']);
    expect(readCredential(both, both).commonName).toBe('rsa-device');
  });

  test.each(['X509 CERTIFICATE', 'TRUSTED CERTIFICATE'])('takes the PEM label %s, as openssl writes it', (label) => {
    const [leaf = '', ...rest] = splitPem(credential.chain);
    const text =
      label === 'TRUSTED CERTIFICATE'
        ? openssl(['x509', '-in', 'leaf.pem', '-trustout', '-addtrust', 'clientAuth'], { 'leaf.pem': leaf })
        : leaf.replaceAll('CERTIFICATE', label);
    expect(text).toContain(`-----BEGIN ${label}-----`);
    expect(readCredential(text + rest.join(''), key).chain).toBe(credential.chain);
  });

  test('PKCS#12 and UTF-16 are named for what they are', () => {
    const files = { 'leaf.pem': credential.chain, 'key.pem': key };
    const make = ['pkcs12', '-export', '-in', 'leaf.pem', '-inkey', 'key.pem', '-passout', 'pass:x'];
    const pkcs12 = opensslBytes(make, files);
    const utf16 = Buffer.from(`\ufeff${credential.chain}`, 'utf16le');
    const plain16 = Buffer.from(credential.chain, 'utf16le').swap16();
    for (const [input, words] of [
      [pkcs12, 'are PKCS#12'],
      [utf16, 'are a text in UTF-16'],
      [plain16, 'are a text in UTF-16'],
      [utf16.toString(), 'are a text in UTF-16'],
    ] as const) {
      expect(errorOf(() => readCredential(input, key))).toMatchObject({
        code: 'CERTIFICATE_NOT_PEM',
        message: expect.stringContaining(words),
      });
      expect(errorOf(() => readCredential(credential.chain, input))).toMatchObject({
        code: 'CERTIFICATE_KEY_NOT_PEM',
        message: expect.stringContaining(words.replace('are', 'is')),
      });
    }
  });

  test('text that is no PEM, is cut off, or is broken inside', () => {
    expect(errorOf(() => readCredential('', key)).code).toBe('CERTIFICATE_NOT_PEM');
    expect(errorOf(() => readCredential(key, key)).code).toBe('CERTIFICATE_NOT_PEM');
    const cut = errorOf(() => readCredential(credential.chain.slice(0, -40), key));
    expect(cut.code).toBe('CERTIFICATE_TRUNCATED');
    expect(cut.message).toContain('Of 2 PEM certificates only 1');
    const broken = errorOf(() => readCredential(credential.chain.replace('MII', 'AAA'), key));
    expect(broken.code).toBe('CERTIFICATE_NOT_PEM');
    expect(broken.cause).toBeDefined();
  });

  test('a key that is missing, no key, or encrypted', () => {
    expect(errorOf(() => readCredential(credential.chain, ' \n')).code).toBe('CERTIFICATE_KEY_MISSING');
    expect(errorOf(() => readCredential(credential.chain, credential.chain)).code).toBe('CERTIFICATE_KEY_NOT_PEM');
    const encrypted = credential.privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
      .toString();
    const error = errorOf(() => readCredential(credential.chain, encrypted));
    expect(error.code).toBe('KEY_PASSPHRASE_MISSING');
    expect(error.message).toContain(`CN=${DEVICE_ID} is encrypted`);
  });

  test('another certificate’s key', async () => {
    const other = await intermediate.issue({ commonName: 'other' });
    const otherKey = other.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const error = errorOf(() => readCredential(credential.chain, otherKey));
    expect(error.code).toBe('CERTIFICATE_KEY_MISMATCH');
    expect(error.message).toContain(`CN=${DEVICE_ID}`);
  });

  test('a chain that begins with its issuer is put into order', () => {
    const turned = splitPem(credential.chain).reverse().join('');
    expect(readCredential(turned, key).chain).toBe(credential.chain);
  });

  test('an issuer that did not sign what stands before it', async () => {
    const skipped = errorOf(() => readCredential(credential.leaf.toString() + root.pem, key));
    expect(skipped.code).toBe('CERTIFICATE_CHAIN_BROKEN');
    expect(skipped.message).toContain(`CN=Root did not sign CN=${DEVICE_ID}`);
    // The same name with another key.
    const twin = await CertificateAuthority.create({ subject: { commonName: 'Plant' }, clock, issuer: root });
    expect(errorOf(() => readCredential(credential.leaf.toString() + twin.pem, key)).code).toBe(
      'CERTIFICATE_CHAIN_BROKEN',
    );
  });

  test('a leaf without a common name', () => {
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', '-', '-out', '-'];
    const unnamed = openssl([...args, '-subj', '/O=Contoso']);
    const error = errorOf(() => readCredential(unnamed, unnamed));
    expect(error.code).toBe('CERTIFICATE_COMMON_NAME_MISSING');
    expect(error.message).toContain('O=Contoso');
    const nameless = openssl([...args, '-subj', '/']);
    expect(errorOf(() => readCredential(nameless, nameless)).message).toContain('no subject');
  });

  test('of several common names it takes the first', () => {
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=first/CN=second', '-days', '1'];
    const both = openssl([...args, '-keyout', '-', '-out', '-']);
    expect(commonNameOf(readCredential(both, both).leaf)).toBe('first');
  });

  test('leaves node:tls as it is, though nobody loaded it before', async () => {
    expect(readCredential(credential.chain, key).commonName).toBe(DEVICE_ID);
    expect(typeof (await import('node:tls')).createSecureContext).toBe('function');
  });

  test('no message has key text', async () => {
    const body = key.split('\n')[1] as string;
    const attempts = [
      () => readCredential(key, key),
      () => readCredential(credential.chain, key.slice(0, 100)),
      () => readCredential(root.pem, key),
    ];
    for (const attempt of attempts) {
      const error = errorOf(attempt);
      expect(`${error.message}${String(error.cause)}`).not.toContain(body.slice(0, 16));
    }
    expect(await codeOf(() => splitPem(key))).toBe('CERTIFICATE_NOT_PEM');
  });
});
