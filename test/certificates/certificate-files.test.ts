import { Catalog } from '../../src/certificates/index.js';
import { caCertificateFile, caChainFile, proofOfPossessionFile } from '../../src/certificates/certificate-files.js';
import { splitPem } from '../../src/certificates/credential-input.js';
import { realClock } from '../../src/clock/index.js';
import { codeOf, openssl, verify } from './support.js';

const CODE = 'A1B2C3D4E5F60718293A4B5C6D7E8F9012345678';

describe('the files of az sphere ca-certificate, as openssl reads them', () => {
  let catalog: Catalog;
  beforeAll(async () => {
    catalog = await Catalog.create({ clock: realClock });
  });

  test('the CA certificate is DER', () => {
    const file = caCertificateFile(catalog);
    const text = openssl(['x509', '-inform', 'der', '-in', 'a.cer', '-noout', '-text'], { 'a.cer': file });
    expect(text).toMatch(new RegExp(`Subject: .*CN ?= ?Microsoft Azure Sphere ${catalog.id}$`, 'm'));
    expect(text).toContain('CA:TRUE');
  });

  test('the chain is PKCS#7 DER with the three certificates, which verify', async () => {
    const file = await caChainFile(catalog);
    const pem = openssl(['pkcs7', '-inform', 'der', '-in', 'a.p7b', '-print_certs'], { 'a.p7b': file });
    const certificates = splitPem(pem);
    expect(certificates).toEqual(catalog.chain);
    const root = certificates.at(-1) as string;
    expect(verify(certificates.slice(0, -1).join(''), root, Date.now())).toContain('OK');
    const structure = openssl(['asn1parse', '-inform', 'der', '-in', 'a.p7b'], { 'a.p7b': file });
    expect(structure).toContain('pkcs7-signedData');
    expect(structure).not.toContain('PRIVATE');
  });

  test('the proof of possession is DER, has the code as common name, and verifies under the catalog', async () => {
    const file = await proofOfPossessionFile(catalog, CODE);
    const pem = openssl(['x509', '-inform', 'der', '-in', 'p.cer'], { 'p.cer': file });
    expect(openssl(['x509', '-in', 'p.pem', '-noout', '-subject'], { 'p.pem': pem })).toMatch(
      new RegExp(`CN ?= ?${CODE}$`, 'm'),
    );
    const root = catalog.chain.at(-1) as string;
    const chain = [pem, ...catalog.chain.slice(0, -1)].join('');
    expect(verify(chain, root, Date.now())).toContain('OK');
  });

  test('an empty verification code is refused', async () => {
    expect(await codeOf(() => proofOfPossessionFile(catalog, ''))).toBe('CERTIFICATE_COMMON_NAME_MISSING');
  });
});
