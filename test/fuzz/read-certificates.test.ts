// Files of certificates and folders of catalogs, changed: each is read whole, or refused.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as fc from 'fast-check';

import {
  caChainFile,
  Catalog,
  describeCertificate,
  loadCatalog,
  readCertificateFile,
  saveCatalog,
} from '../../src/certificates/index.js';
import { fromPkcs7 } from '../../src/certificates/pkcs7.js';
import { VirtualClock } from '../../src/clock/index.js';
import { edited, holdsAsync, mangled, readOrRefusedAsync } from './foreign.js';

const START = Date.UTC(2026, 5, 1);
const DEVICE_ID = '0123456789abcdef'.repeat(8);
const clock = new VirtualClock({ start: START });
let catalog: Catalog;
let folder: string;

beforeAll(async () => {
  catalog = await Catalog.create({ clock });
  catalog.claim(DEVICE_ID);
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'sphere-iot-catalog-')), 'catalog');
  await saveCatalog(catalog, folder);
});
afterAll(() => rmSync(path.dirname(folder), { recursive: true }));

const armoured = (der: Buffer): string =>
  `-----BEGIN PKCS7-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END PKCS7-----\n`;

test('a file of certificates, changed: it has one at least, and each can be described', async () => {
  const p7b = await caChainFile(catalog);
  const pem = catalog.chain.join('');
  const files = [Buffer.from(pem), p7b, Buffer.from(armoured(p7b)), Buffer.from(catalog.caCertificate.raw)];
  for (const file of files) expect((await readCertificateFile(file)).certificates.length).toBeGreaterThan(0);
  const kinds = new Set<string>();
  await holdsAsync(mangled(...files), async (bytes) => {
    const file = await readOrRefusedAsync(() => readCertificateFile(bytes));
    if (file === undefined) return;
    kinds.add(file.format);
    expect(file.certificates.length).toBeGreaterThan(0);
    for (const certificate of file.certificates) {
      const description = describeCertificate(certificate, START);
      const { ca, selfSigned, thumbprints, commonName = '', ...texts } = description;
      expect([typeof ca, typeof selfSigned, typeof commonName]).toEqual(['boolean', 'boolean', 'string']);
      for (const each of Object.values({ ...texts, ...thumbprints })) expect(typeof each).toBe('string');
    }
  });
  expect(kinds.size).toBeGreaterThan(1);
});

test('PKCS#7 without certificates, or nested deep, is refused', async () => {
  const signedData = Buffer.from('06092a864886f70d010702', 'hex');
  const sequence = (content: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([Buffer.from([0x30, 0x84]), length, content]);
  };
  let deep: Buffer = Buffer.from([5, 0]);
  for (let i = 0; i < 2000; i++) deep = sequence(deep);
  for (const der of [sequence(signedData), sequence(Buffer.concat([signedData, deep])), deep])
    for (const read of [() => readCertificateFile(der), () => fromPkcs7(der)])
      await expect(read()).rejects.toMatchObject({ code: expect.stringMatching(/^(PKCS7|CERTIFICATE)_/) });
});

test('a folder of a catalog without a device, of which the empty folder was not kept', async () => {
  const bare = path.join(path.dirname(folder), 'bare');
  const kept = await Catalog.create({ clock });
  await saveCatalog(kept, bare);
  rmSync(path.join(bare, 'devices'), { recursive: true });
  const loaded = await loadCatalog(bare, { clock });
  expect([loaded.id, loaded.claimedDevices]).toEqual([kept.id, []]);
  loaded.claim(DEVICE_ID);
  await saveCatalog(loaded, bare);
  expect((await loadCatalog(bare, { clock })).claimedDevices).toMatchObject([{ id: DEVICE_ID }]);
});

test('a folder of a catalog of which one file is changed: it is loaded, or refused', async () => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(folder, name)).isFile(),
  );
  const contents = new Map(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
  const changes = names.map((name) => {
    const content = contents.get(name) as string;
    const bytes = mangled(content);
    const values = name.endsWith('.json')
      ? [edited(JSON.parse(content)).map((value) => Buffer.from(JSON.stringify(value)))]
      : [];
    return fc.tuple(fc.constant(name), fc.oneof(bytes, ...values));
  });
  await holdsAsync(fc.oneof(...changes), async ([name, bytes]) => {
    writeFileSync(path.join(folder, name), bytes);
    try {
      const loaded = await readOrRefusedAsync(() => loadCatalog(folder, { clock }));
      if (loaded === undefined) return;
      for (const { id, claimedAt } of loaded.claimedDevices) {
        expect(id).toMatch(/^[0-9a-f]{128}$/i);
        expect(Number.isNaN(new Date(claimedAt).getTime())).toBe(false);
      }
      expect(typeof loaded.id).toBe('string');
      // What is loaded can be kept, and used.
      await readOrRefusedAsync(() => loaded.attest(DEVICE_ID));
    } finally {
      writeFileSync(path.join(folder, name), contents.get(name) as string);
    }
  });
  expect((await loadCatalog(folder, { clock })).claimedDevices).toMatchObject([{ id: DEVICE_ID }]);
});
