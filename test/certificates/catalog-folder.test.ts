import { createPrivateKey } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Catalog, loadCatalog, saveCatalog, validityOf } from '../../src/certificates/index.js';
import { saveCredential } from '../../src/certificates/credential-files.js';
import { VirtualClock } from '../../src/clock/index.js';
import { codeOf, DAY, DEVICE_ID, HOUR, verify } from './support.js';

const START = Date.UTC(2026, 5, 1);
const DEEP = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;

describe('a catalog’s folder', () => {
  const clock = new VirtualClock({ start: START });
  let base: string;
  let folder: string;
  let catalog: Catalog;

  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), 'sphere-iot-catalog-'));
    folder = join(base, 'catalogs', 'mine');
    catalog = await Catalog.create({ clock, leafValidityMs: 2 * HOUR, skewMs: 1000, deviceIdCase: 'upper' });
  });

  afterEach(() => rmSync(base, { recursive: true }));

  const loaded = (passphrase?: string): Promise<Catalog> => loadCatalog(folder, { clock, passphrase });
  const names = (under = folder): string[] => readdirSync(under, { recursive: true, encoding: 'utf8' }).sort();

  test('brings everything back: id, certificates, devices, refusals, and how certificates are issued', async () => {
    catalog.claim(DEVICE_ID);
    const second = catalog.claim();
    catalog.refuseAttestation(second, 'osTooOld');
    await catalog.rollAuthority();
    await saveCatalog(catalog, folder);
    const again = await loaded();
    expect(again.id).toBe(catalog.id);
    expect(again.chain).toEqual(catalog.chain);
    expect(again.authorities.map(({ pem }) => pem)).toEqual(catalog.authorities.map(({ pem }) => pem));
    expect(new Set(again.claimedDevices)).toEqual(new Set(catalog.claimedDevices));
    expect(await codeOf(() => again.attest(second))).toBe('DEVICE_OS_TOO_OLD');
    const daa = await again.attest(DEVICE_ID);
    expect(daa.commonName).toBe(DEVICE_ID.toUpperCase());
    expect(validityOf(daa.leaf)).toEqual({ from: START - 1000, until: START + 2 * HOUR });
    expect(verify(daa.chain, catalog.chain[2] as string, START)).toContain('OK');
    const proof = await again.proofOfPossession('CODE');
    expect(proof.verify(catalog.caCertificate.publicKey)).toBe(true);
  });

  test('a loaded catalog can be rolled and saved again', async () => {
    await saveCatalog(catalog, folder);
    const again = await loaded();
    const authority = await again.rollAuthority();
    await saveCatalog(again, folder);
    expect((await loaded()).authorities.map(({ pem }) => pem)).toEqual([catalog.authority.pem, authority.pem]);
    expect(verify(authority.chain.join(''), catalog.chain[2] as string, START)).toContain('OK');
  });

  test('certificates can be read, keys only by their owner, and nothing else lies about', async () => {
    await saveCatalog(catalog, folder);
    expect(readdirSync(join(base, 'catalogs'))).toEqual(['mine']);
    expect(names()).toEqual(
      ['ca-1.pem', 'catalog.json', 'devices', 'keys', 'keys/ca-1.pem', 'keys/policy.pem', 'keys/root.pem'].concat([
        'policy.pem',
        'root.pem',
      ]),
    );
    const mode = (name: string): number => statSync(join(folder, name)).mode & 0o777;
    expect(mode('keys')).toBe(0o700);
    for (const name of ['root', 'policy', 'ca-1']) {
      expect(mode(`keys/${name}.pem`)).toBe(0o600);
      expect(mode(`${name}.pem`) & 0o400).toBe(0o400);
      expect(execFileSync('openssl', ['x509', '-in', join(folder, `${name}.pem`), '-noout', '-subject'])).toBeTruthy();
      expect(createPrivateKey(readFileSync(join(folder, 'keys', `${name}.pem`))).type).toBe('private');
    }
  });

  test('with a passphrase the keys are PKCS#8 under PBES2', async () => {
    await saveCatalog(catalog, folder, { passphrase: 'correct horse' });
    const key = join(folder, 'keys', 'root.pem');
    expect(readFileSync(key, 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    const shown = execFileSync('openssl', ['asn1parse', '-in', key], { encoding: 'utf8' });
    expect(shown).toMatch(/PBES2[^]*PBKDF2[^]*aes-256-cbc/);
    expect((await loaded('correct horse')).id).toBe(catalog.id);
    expect(await codeOf(() => loaded())).toBe('KEY_PASSPHRASE_MISSING');
    expect(await codeOf(() => loaded('wrong'))).toBe('KEY_PASSPHRASE_WRONG');
  });

  test('half of a surrogate pair is no passphrase: others would be the same', async () => {
    const save = (passphrase: string) => codeOf(() => saveCatalog(catalog, folder, { passphrase }));
    expect(await save('a\ud800')).toBe('KEY_PASSPHRASE_NOT_UNICODE');
    expect(names(base)).toEqual([]);
    await saveCatalog(catalog, folder, { passphrase: 'a\ufffd' });
    expect(await codeOf(() => loaded('a\udfff'))).toBe('KEY_PASSPHRASE_NOT_UNICODE');
    expect((await loaded('a\ufffd')).id).toBe(catalog.id);
  });

  test('an empty passphrase is refused, and nothing is written', async () => {
    for (const blank of ['', ' ', '\0'])
      expect(await codeOf(() => saveCatalog(catalog, folder, { passphrase: blank }))).toBe('KEY_PASSPHRASE_EMPTY');
    const daa = await catalog.attest(catalog.claim());
    expect(await codeOf(() => saveCredential(daa, folder, ''))).toBe('KEY_PASSPHRASE_EMPTY');
    expect(names(base)).toEqual([]);
    await saveCatalog(catalog, folder);
    await catalog.rollAuthority();
    const before = names();
    expect(await codeOf(() => saveCatalog(catalog, folder, { passphrase: '' }))).toBe('KEY_PASSPHRASE_EMPTY');
    expect(names()).toEqual(before);
  });

  test('where the umask is 0, only their owner can write to what is there, and read keys', async () => {
    const before = process.umask(0);
    try {
      const id = catalog.claim();
      await saveCatalog(catalog, folder);
      await saveCredential(await catalog.attest(id), join(folder, 'devices', id));
    } finally {
      process.umask(before);
    }
    const modes = names(base).map((name) => {
      const mode = (statSync(join(base, name)).mode & 0o777).toString(8);
      return [name.replaceAll(/[0-9a-f]{128}/gi, 'ID'), mode];
    });
    expect(Object.fromEntries(modes)).toEqual({
      catalogs: '755',
      'catalogs/mine': '755',
      'catalogs/mine/catalog.json': '644',
      'catalogs/mine/root.pem': '644',
      'catalogs/mine/policy.pem': '644',
      'catalogs/mine/ca-1.pem': '644',
      'catalogs/mine/keys': '700',
      'catalogs/mine/keys/root.pem': '600',
      'catalogs/mine/keys/policy.pem': '600',
      'catalogs/mine/keys/ca-1.pem': '600',
      'catalogs/mine/devices': '755',
      'catalogs/mine/devices/ID.json': '644',
      'catalogs/mine/devices/ID': '755',
      'catalogs/mine/devices/ID/certificate.pem': '644',
      'catalogs/mine/devices/ID/private-key.pem': '600',
    });
  });

  test('keys with another passphrase don’t get into a folder', async () => {
    await saveCatalog(catalog, folder, { passphrase: 'one' });
    const again = await loaded('one');
    await again.rollAuthority();
    expect(await codeOf(() => saveCatalog(again, folder))).toBe('KEY_PASSPHRASE_MISSING');
    expect(await codeOf(() => saveCatalog(again, folder, { passphrase: 'two' }))).toBe('KEY_PASSPHRASE_WRONG');
    expect((await loaded('one')).authorities).toHaveLength(1);
    await saveCatalog(again, folder, { passphrase: 'one' });
    expect((await loaded('one')).authorities).toHaveLength(2);
  });

  test('two who claim at the same time both keep their device', async () => {
    await saveCatalog(catalog, folder);
    const [one, two] = [await loaded(), await loaded()];
    const ids = [one.claim(), two.claim()];
    await Promise.all([saveCatalog(one, folder), saveCatalog(two, folder)]);
    expect(new Set((await loaded()).devices)).toEqual(new Set(ids));
  });

  test('who did not see that the CA was rolled is told so, and the new CA stays', async () => {
    await saveCatalog(catalog, folder);
    const [one, two] = [await loaded(), await loaded()];
    const authority = await one.rollAuthority();
    await saveCatalog(one, folder);
    two.claim();
    expect(await codeOf(() => saveCatalog(two, folder))).toBe('CATALOG_CHANGED');
    await two.rollAuthority();
    expect(await codeOf(() => saveCatalog(two, folder))).toBe('CATALOG_CHANGED');
    expect((await loaded()).authority.pem).toBe(authority.pem);
  });

  test('an empty folder is taken, one with something in it is not', async () => {
    await saveCatalog(catalog, mkdtempSync(join(base, 'empty-')));
    writeFileSync(join(base, 'letter.txt'), 'dear');
    expect(await codeOf(() => saveCatalog(catalog, base))).toBe('CATALOG_FOLDER_NOT_EMPTY');
    expect(readFileSync(join(base, 'letter.txt'), 'utf8')).toBe('dear');
    await saveCatalog(catalog, folder);
    const other = await Catalog.create({ clock });
    expect(await codeOf(() => saveCatalog(other, folder))).toBe('CATALOG_EXISTS');
    expect((await loaded()).id).toBe(catalog.id);
  });

  test('of two who create at the same time, one gets the folder', async () => {
    const other = await Catalog.create({ clock });
    const saved = await Promise.allSettled([saveCatalog(catalog, folder), saveCatalog(other, folder)]);
    expect(saved.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const failed = saved.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(failed.reason).toMatchObject({ code: 'CATALOG_FOLDER_NOT_EMPTY' });
    expect([catalog.id, other.id]).toContain((await loaded()).id);
    expect(readdirSync(join(base, 'catalogs'))).toEqual(['mine']);
  });

  test('a save that fails leaves nothing', async () => {
    const file = join(base, 'file');
    writeFileSync(file, '');
    await expect(saveCatalog(catalog, join(file, 'catalog'))).rejects.toThrow(/ENOTDIR/);
    expect(readdirSync(base)).toEqual(['file']);
  });

  test('a file that is longer than any string is damaged, whichever it is', async () => {
    catalog.claim(DEVICE_ID);
    await saveCatalog(catalog, folder);
    const files = names().filter((name) => statSync(join(folder, name)).isFile());
    expect(files.length).toBeGreaterThan(4);
    for (const name of files) {
      const content = readFileSync(join(folder, name));
      truncateSync(join(folder, name), 700_000_000);
      const error = await loaded().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'CATALOG_FOLDER_DAMAGED',
        message: expect.stringContaining(`${name}: it has more than`),
      });
      writeFileSync(join(folder, name), content);
    }
    await loaded();
  });

  test.each(['keys', 'devices'])(
    '%s that is a link to another folder, or none, is damaged, and nothing is written there',
    async (name) => {
      await saveCatalog(catalog, folder);
      const other = join(base, 'other');
      rmSync(join(folder, name), { recursive: true });
      mkdirSync(other);
      symlinkSync(other, join(folder, name));
      catalog.claim();
      await catalog.rollAuthority();
      const refused = { code: 'CATALOG_FOLDER_DAMAGED', message: expect.stringContaining(`${name}: it is no folder`) };
      await expect(saveCatalog(catalog, folder)).rejects.toMatchObject(refused);
      await expect(loaded()).rejects.toMatchObject(refused);
      expect(readdirSync(other)).toEqual([]);
      rmSync(join(folder, name));
      writeFileSync(join(folder, name), '');
      await expect(loaded()).rejects.toMatchObject(refused);
    },
  );

  test('more devices than a process may have files open are read', async () => {
    for (let i = 0; i < 300; i++) catalog.claim();
    await saveCatalog(catalog, folder);
    const program = `require(process.argv[1]).loadCatalog(process.argv[2]).then(
      ({ devices }) => console.log(devices.length), ({ message }) => console.log(message));`;
    const index = join(__dirname, '../../dist/cjs/certificates/index.js');
    const argv = ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath, '-e', program, index, folder];
    expect(execFileSync('sh', argv, { encoding: 'utf8' })).toBe('300\n');
  });

  test('what is missing or damaged is named', async () => {
    expect(await codeOf(() => loaded())).toBe('CATALOG_FOLDER_NOT_FOUND');
    await saveCatalog(catalog, folder);
    const other = join(base, 'other');
    await saveCatalog(await Catalog.create({ clock }), other);
    const written = JSON.parse(readFileSync(join(folder, 'catalog.json'), 'utf8'));
    const manifest = (change: object): string => JSON.stringify({ ...written, ...change });
    const device = (change: object): string => JSON.stringify({ id: DEVICE_ID, claimedAt: START, ...change });
    const damage: [string, string | undefined, RegExp][] = [
      ['catalog.json', '{"format":1', /catalog\.json: /],
      ['catalog.json', '[]', /it holds no JSON object/],
      ['catalog.json', '"text"', /it holds no JSON object/],
      ['catalog.json', manifest({ policy: {}, more: 'DEEP' }).replace('"DEEP"', DEEP), /nested too deep/],
      ['catalog.json', manifest({ format: 'x' }), /it lacks format/],
      ['catalog.json', manifest({ id: '\ud800' }), /the id is no GUID/],
      ['catalog.json', manifest({ id: 'x'.repeat(70_000) }), /the id is no GUID/],
      ['catalog.json', manifest({ policy: null }), /it lacks format, id, policy/],
      ['catalog.json', manifest({ policy: [] }), /it lacks format, id, policy/],
      ['catalog.json', manifest({ policy: { leafValidityMs: 'x' } }), /the policy's leafValidityMs/],
      ['catalog.json', manifest({ policy: { caValidityMs: null } }), /the policy's caValidityMs/],
      ['catalog.json', manifest({ policy: { skewMs: 1e300 } }), /the policy's skewMs/],
      ['catalog.json', manifest({ policy: { deviceIdCase: 'title' } }), /the policy's deviceIdCase/],
      ['ca-1.pem', undefined, /ca-1\.pem: it is missing/],
      ['ca-1.pem', 'no certificate', /ca-1\.pem: /],
      ['policy.pem', readFileSync(join(other, 'policy.pem'), 'utf8'), /keys\/policy\.pem: it is not the key of/],
      ['keys/root.pem', 'no key', /keys\/root\.pem: /],
      ['keys/ca-1.pem', readFileSync(join(other, 'keys/ca-1.pem'), 'utf8'), /it is not the key of ca-1\.pem/],
      ...['{}', device({ claimedAt: 1e300 }), device({ claimedAt: -1e300 }), device({ claimedAt: '1' })].map(
        (content): [string, string, RegExp] => [`devices/${DEVICE_ID}.json`, content, /it lacks claimedAt/],
      ),
      [`devices/${DEVICE_ID}.json`, device({ refusal: 5 }), /its refusal is none/],
      [`devices/${DEVICE_ID}.json`, 'null', /it holds no JSON object/],
      [`devices/${DEVICE_ID}.json`, DEEP, /it holds no JSON object/],
    ];
    for (const [name, content, message] of damage) {
      const path = join(folder, name);
      const before = name.startsWith('devices') ? undefined : readFileSync(path);
      if (content === undefined) rmSync(path);
      else writeFileSync(path, content);
      const error = await loaded().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'CATALOG_FOLDER_DAMAGED' });
      expect((error as Error).message).toMatch(message);
      if (before === undefined) rmSync(path);
      else writeFileSync(path, before);
    }
    for (const name of ['ca-1', 'keys/ca-1'])
      writeFileSync(join(folder, `${name}.pem`), readFileSync(join(other, `${name}.pem`)));
    await expect(loaded()).rejects.toThrow('ca-1.pem: the certificate above it did not sign it');
    writeFileSync(join(folder, 'catalog.json'), JSON.stringify({ format: 2 }));
    expect(await codeOf(() => loaded())).toBe('CATALOG_FOLDER_NEWER');
  });

  test.each(['-1', '-3.5', '0', '1.5', '2.5', '1e300', '"1"', '"2"', 'null'])(
    'a format of %s is damage',
    async (format) => {
      await saveCatalog(catalog, folder);
      const path = join(folder, 'catalog.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"format": 1', `"format": ${format}`));
      expect(await codeOf(() => loaded())).toBe('CATALOG_FOLDER_DAMAGED');
    },
  );

  test.each([
    'catalog.json',
    'root.pem',
    'policy.pem',
    'ca-1.pem',
    'keys/root.pem',
    'keys/ca-1.pem',
    `devices/${DEVICE_ID.toUpperCase()}.json`,
  ])('a pipe or a folder in the place of %s is named, and nobody waits for it', async (name) => {
    catalog.claim(DEVICE_ID);
    await saveCatalog(catalog, folder);
    const path = join(folder, name);
    const error = {
      code: 'CATALOG_FOLDER_DAMAGED',
      message: expect.stringContaining(`${name}: it is no regular file.`),
    };
    for (const make of [() => execFileSync('mkfifo', [path]), () => mkdirSync(path)]) {
      rmSync(path);
      make();
      await expect(loaded()).rejects.toMatchObject(error);
      if (!/keys.ca/.test(name)) await expect(saveCatalog(catalog, folder)).rejects.toMatchObject(error);
      rmSync(path, { recursive: true });
      writeFileSync(path, '');
    }
  });

  test('no key text is in a message, whatever is wrong with a key file', async () => {
    await saveCatalog(catalog, folder);
    const path = join(folder, 'keys', 'root.pem');
    const key = readFileSync(path, 'utf8');
    chmodSync(path, 0o600);
    const secret = key.split('\n')[1] as string;
    for (const content of [key.slice(0, 90), key.replace('M', '!'), `${secret}\n`]) {
      writeFileSync(path, content);
      const error = (await loaded().catch((caught: unknown) => caught)) as Error;
      expect(error).toMatchObject({ code: 'CATALOG_FOLDER_DAMAGED' });
      expect(`${error.message} ${String(error.cause)}`).not.toContain(secret.slice(0, 20));
    }
  });

  test('long after, the catalog’s CA is refused and can be rolled', async () => {
    const later = new VirtualClock({ start: START + 731 * DAY });
    await saveCatalog(catalog, folder);
    const again = await loadCatalog(folder, { clock: later });
    const id = again.claim();
    expect(await codeOf(() => again.attest(id))).toBe('CATALOG_CA_EXPIRED');
    await again.rollAuthority();
    expect(verify((await again.attest(id)).chain, again.chain[2] as string, later.now())).toContain('OK');
  });
});
