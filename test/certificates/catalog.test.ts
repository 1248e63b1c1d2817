import { Catalog, splitPem, validityOf } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { codeOf, DAY, DEVICE_ID, HOUR, openssl, text, verify } from './support.js';

const START = Date.UTC(2026, 5, 1);
const ID = '12345678-9abc-4def-8123-456789abcdef';

describe('Catalog', () => {
  const clock = new VirtualClock({ start: START });
  let catalog: Catalog;
  let root: string;

  beforeAll(async () => {
    catalog = await Catalog.create({ clock, id: ID.toUpperCase() });
    root = catalog.chain[2] as string;
  });

  test('has Azure Sphere’s hierarchy: catalog CA, policy CA, root', () => {
    expect(catalog.id).toBe(ID);
    const subject = `C=US\nST=Washington\nL=Redmond\nO=Microsoft Corporation\nCN=Microsoft Azure Sphere ${ID}`;
    expect(catalog.caCertificate.subject).toBe(subject);
    expect(catalog.chain).toHaveLength(3);
    const shown = catalog.chain.map((pem) => text(pem));
    expect(shown.map((each) => /ASN1 OID: (\w+)/.exec(each)?.[1])).toEqual(['prime256v1', 'secp384r1', 'secp384r1']);
    for (const each of shown) expect(each).toContain('CA:TRUE');
    expect(verify(catalog.chain.join(''), root, START)).toContain('OK');
  });

  test('the CA certificate lasts two years, unless told otherwise, and no longer than those above it', async () => {
    expect(validityOf(catalog.caCertificate).until).toBe(START + 730 * DAY);
    const long = await Catalog.create({ clock, caValidityMs: 10_000 * DAY });
    expect(validityOf(long.caCertificate).until).toBe(START + 10_000 * DAY);
    expect(verify(long.chain.join(''), long.chain[2] as string, START + 9_999 * DAY)).toContain('OK');
  });

  test('the CA certificate can be had as DER', () => {
    const pem = openssl(['x509', '-inform', 'der', '-in', 'ca.cer'], { 'ca.cer': catalog.authority.der });
    expect(pem).toBe(catalog.chain[0]);
    expect(catalog.caCertificate.raw.equals(catalog.authority.der)).toBe(true);
  });

  test('gives each catalog an id and keys of its own', async () => {
    const other = await Catalog.create({ clock });
    expect(other.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const deviceId = other.claim();
    const daa = await other.attest(deviceId);
    expect(() => verify(daa.chain, root, START)).toThrow('verification failed');
  });

  test('attests a device: CN is its id and nothing else, for 24 hours, chain up to the policy CA', async () => {
    const deviceId = catalog.claim(DEVICE_ID.toUpperCase());
    expect(deviceId).toBe(DEVICE_ID);
    const daa = await catalog.attest(DEVICE_ID);
    expect(daa.commonName).toBe(DEVICE_ID);
    expect(daa.leaf.subject).toBe(`CN=${DEVICE_ID}`);
    expect(text(daa.chain)).toContain('prime256v1');
    expect(validityOf(daa.leaf)).toEqual({ from: START - 300_000, until: START + DAY });
    expect(splitPem(daa.chain)).toEqual([daa.leaf.toString(), ...catalog.chain.slice(0, 2)]);
    expect(daa.leaf.checkIssued(catalog.caCertificate)).toBe(true);
    expect(daa.leaf.verify(catalog.caCertificate.publicKey)).toBe(true);
    expect(verify(daa.chain, root, START + 23 * HOUR, 'sslclient')).toContain('OK');
    expect(() => verify(daa.chain, root, START + 25 * HOUR)).toThrow('certificate has expired');
  });

  test('each attestation has a new key', async () => {
    const deviceId = catalog.claim();
    const [a, b] = await Promise.all([catalog.attest(deviceId), catalog.attest(deviceId)]);
    expect(a.privateKey.equals(b.privateKey)).toBe(false);
    expect(a.leaf.serialNumber).not.toBe(b.leaf.serialNumber);
  });

  test('claims a random device, and lists what is claimed', async () => {
    const own = await Catalog.create({ clock });
    const first = own.claim();
    const second = own.claim();
    expect(first).toMatch(/^[0-9a-f]{128}$/);
    expect(own.devices).toEqual([first, second]);
  });

  test('writes device ids in upper case where that is wanted', async () => {
    const upper = await Catalog.create({ clock, deviceIdCase: 'upper', leafValidityMs: 2 * HOUR, skewMs: 0 });
    expect(upper.claim(DEVICE_ID)).toBe(DEVICE_ID.toUpperCase());
    const { leaf, commonName } = await upper.attest(DEVICE_ID);
    expect(commonName).toBe(DEVICE_ID.toUpperCase());
    expect(validityOf(leaf)).toEqual({ from: START, until: START + 2 * HOUR });
  });

  test('proves possession of the catalog CA’s key', async () => {
    const proof = await catalog.proofOfPossession('DEADBEEF');
    expect(proof.subject).toBe('CN=DEADBEEF');
    expect(proof.checkIssued(catalog.caCertificate)).toBe(true);
    expect(proof.verify(catalog.caCertificate.publicKey)).toBe(true);
  });

  test('refuses bad ids, a second claim and unclaimed devices', async () => {
    const own = await Catalog.create({ clock });
    own.claim(DEVICE_ID);
    expect(await codeOf(() => own.claim('abc'))).toBe('DEVICE_ID_INVALID');
    expect(await codeOf(() => own.claim('g'.repeat(128)))).toBe('DEVICE_ID_INVALID');
    expect(await codeOf(() => own.claim(`${DEVICE_ID}\n`))).toBe('DEVICE_ID_INVALID');
    expect(await codeOf(() => own.claim(DEVICE_ID.toUpperCase()))).toBe('DEVICE_ALREADY_CLAIMED');
    expect(await codeOf(() => own.attest('f'.repeat(128)))).toBe('DEVICE_NOT_CLAIMED');
    expect(await codeOf(() => own.attest('f'))).toBe('DEVICE_ID_INVALID');
    expect(await codeOf(() => Catalog.create({ clock, id: 'my-catalog' }))).toBe('CATALOG_ID_INVALID');
  });

  test('a device that is refused gets no certificate until it is accepted again', async () => {
    const deviceId = catalog.claim();
    catalog.refuseAttestation(deviceId.toUpperCase());
    expect(catalog.device(deviceId).refusal).toBe('notAttested');
    await expect(catalog.attest(deviceId)).rejects.toMatchObject({ code: 'DEVICE_NOT_ATTESTED' });
    catalog.refuseAttestation(deviceId, 'osTooOld');
    await expect(catalog.attest(deviceId)).rejects.toMatchObject({ code: 'DEVICE_OS_TOO_OLD' });
    catalog.acceptAttestation(deviceId);
    expect((await catalog.attest(deviceId)).commonName).toBe(deviceId);
    const stranger = 'f'.repeat(128);
    expect(await codeOf(() => catalog.refuseAttestation(stranger))).toBe('DEVICE_NOT_CLAIMED');
    expect(await codeOf(() => catalog.acceptAttestation(stranger))).toBe('DEVICE_NOT_CLAIMED');
  });

  test('rolled, it signs with a new CA of the same name; what the old one signed stays valid', async () => {
    const rolled = await Catalog.create({ clock });
    const deviceId = rolled.claim();
    const before = await rolled.attest(deviceId);
    const old = rolled.authority;
    const fresh = await rolled.rollAuthority();
    const after = await rolled.attest(deviceId);
    expect(rolled.authorities).toEqual([old, fresh]);
    expect(rolled.authority).toBe(fresh);
    expect(fresh.certificate.subject).toBe(old.certificate.subject);
    expect(after.leaf.verify(fresh.certificate.publicKey)).toBe(true);
    expect(after.leaf.verify(old.certificate.publicKey)).toBe(false);
    for (const { chain } of [before, after]) expect(verify(chain, rolled.chain[2] as string, START)).toContain('OK');
    expect((await rolled.proofOfPossession('CODE')).verify(fresh.certificate.publicKey)).toBe(true);
  });
});
