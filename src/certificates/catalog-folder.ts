import type { KeyObject } from 'node:crypto';
import { X509Certificate } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { checkOptions } from '../options.js';
import { aClock, text } from '../rules.js';
import { writeFileAtomic } from '../atomic-file.js';
import { realClock, type Clock } from '../clock/index.js';
import { messageOf, SphereIotError } from '../errors.js';
import { makeFolder } from '../make-folder.js';
import { MAX_TEXT_BYTES, readTextWithin } from '../read-file.js';
import { isObject, parseJson } from '../json.js';
import { Catalog, GUID, type CatalogPolicy, type ClaimedDevice } from './catalog.js';
import { CertificateAuthority } from './certificate-authority.js';
import { readPrivateKey } from './credential-key.js';
import { checkPassphrase, privateKeyPem } from './key-file.js';

// catalog.json                 id, policy, how many catalog CAs
// root.pem, policy.pem         certificates
// ca-1.pem, ca-2.pem …         the catalog's CA certificates, oldest first
// keys/<the same names>.pem    their private keys, PKCS#8, 0600
// devices/<device id>.json     one for each claimed device
//
// A certificate and its key never change once they are there, and catalog.json, which says what counts, is written after
// them: at every moment the folder holds a whole catalog.

const FORMAT = 1;
const MANIFEST = 'catalog.json';
const KEYS = 'keys';
const DEVICES = 'devices';
/** Of devices: a process may have some 1,000 files open. */
const FILES_AT_ONCE = 50;
/** The latest time that there is a date for, ms. */
const LATEST = 8.64e15;

interface Manifest {
  readonly format: number;
  readonly id: string;
  readonly policy: CatalogPolicy;
  /** How many catalog CAs there are. */
  readonly authorities: number;
}

export interface SaveCatalogOptions {
  /** What the private keys are encrypted with (PKCS#8, PBES2 with AES-256). Default: they are not. */
  readonly passphrase?: string | undefined;
}

export interface LoadCatalogOptions {
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** What the private keys are encrypted with, if they are. */
  readonly passphrase?: string | undefined;
}

/**
 * Keeps a catalog in a folder: certificates as PEM, private keys 0600. Into a folder that has the same catalog, it
 * writes what is new in it. Atomic: whoever loads it meanwhile, or after a crash, finds it as before or as after.
 * @param folder Is made where it is not there.
 * @throws SphereIotError `CATALOG_EXISTS` when the folder has another catalog, `CATALOG_FOLDER_NOT_EMPTY` when
 * something else is in it, `CATALOG_CHANGED` when somebody rolled the catalog's CA meanwhile, `CATALOG_FOLDER_DAMAGED`,
 * `KEY_PASSPHRASE_MISSING`, `KEY_PASSPHRASE_WRONG` when it is not the folder's passphrase, `KEY_PASSPHRASE_EMPTY`; what
 * Node throws when it can't be written.
 */
export async function saveCatalog(catalog: Catalog, folder: string, options: SaveCatalogOptions = {}): Promise<void> {
  checkOptions(options, 'saveCatalog', "{ passphrase: '…' }", { passphrase: text });
  checkPassphrase(options.passphrase);
  const present = await readManifest(folder);
  if (present === undefined) return saveAsNew(catalog, folder, options);
  if (present.id !== catalog.id)
    throw new SphereIotError(
      'CATALOG_EXISTS',
      `${folder} holds the catalog ${present.id} already; choose another folder.`,
    );
  // Before anything is written, as keys with two passphrases in one folder could not be read again.
  await readKey(folder, 'root', options.passphrase);
  await checkUnchanged(catalog, folder, present);
  await write(catalog, folder, options);
}

/**
 * Reads a catalog from its folder.
 * @throws SphereIotError `CATALOG_FOLDER_NOT_FOUND`, `CATALOG_FOLDER_DAMAGED` (it says which file, and what is wrong),
 * `CATALOG_FOLDER_NEWER`, `KEY_PASSPHRASE_MISSING`, `KEY_PASSPHRASE_WRONG`; what Node throws when a file can't be read.
 */
export async function loadCatalog(folder: string, options: LoadCatalogOptions = {}): Promise<Catalog> {
  checkOptions(options, 'loadCatalog', '{ clock }', { clock: aClock, passphrase: text });
  const manifest = await readManifest(folder);
  if (manifest === undefined)
    throw new SphereIotError(
      'CATALOG_FOLDER_NOT_FOUND',
      `There is no catalog in ${folder} (no ${MANIFEST}). Create it first, or name its folder.`,
    );
  const root = await loadAuthority(folder, 'root', undefined, manifest, options);
  const policyAuthority = await loadAuthority(folder, 'policy', root, manifest, options);
  const authorities: CertificateAuthority[] = [];
  for (let index = 0; index < manifest.authorities; index++)
    authorities.push(await loadAuthority(folder, authorityName(index), policyAuthority, manifest, options));
  const { id, policy } = manifest;
  const devices = await loadDevices(folder);
  return Catalog.restore(options.clock ?? realClock, { id, policy, policyAuthority, authorities, devices });
}

function authorityName(index: number): string {
  return `ca-${index + 1}`;
}

/** Beside the folder, and then under its name: a folder that is there has all of it. */
async function saveAsNew(catalog: Catalog, folder: string, options: SaveCatalogOptions): Promise<void> {
  await checkEmpty(folder);
  const parent = dirname(resolve(folder));
  await makeFolder(parent, 0o755);
  const temporary = await mkdtemp(join(parent, '.catalog-'));
  try {
    await chmod(temporary, 0o755);
    await mkdir(join(temporary, KEYS), { mode: 0o700 });
    await mkdir(join(temporary, DEVICES), { mode: 0o755 });
    await write(catalog, temporary, options);
    await rename(temporary, resolve(folder));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Somebody was quicker.
    if ((error as NodeJS.ErrnoException).code === 'ENOTEMPTY') await checkEmpty(folder);
    throw error;
  }
}

async function write(catalog: Catalog, folder: string, options: SaveCatalogOptions): Promise<void> {
  const { id, policy, policyAuthority, authorities, devices } = catalog.parts;
  await saveAuthority(folder, 'root', policyAuthority.issuer as CertificateAuthority, options);
  await saveAuthority(folder, 'policy', policyAuthority, options);
  for (const [index, authority] of authorities.entries())
    await saveAuthority(folder, authorityName(index), authority, options);
  await makeFolder(join(folder, DEVICES), 0o755);
  for (const device of devices) await writeIfChanged(folder, `${DEVICES}/${device.id}.json`, json(device));
  const manifest: Manifest = { format: FORMAT, id, policy, authorities: authorities.length };
  await writeIfChanged(folder, MANIFEST, json(manifest));
}

async function checkEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  if (entries.length === 0) return;
  throw new SphereIotError(
    'CATALOG_FOLDER_NOT_EMPTY',
    `${folder} is not empty (${entries.slice(0, 3).join(', ')}) and holds no catalog: choose a folder that is empty or ` +
      'not there yet.',
  );
}

async function checkUnchanged(catalog: Catalog, folder: string, present: Manifest): Promise<void> {
  const { authorities } = catalog;
  const last = authorityName(present.authorities - 1);
  const known = authorities[present.authorities - 1];
  if (known !== undefined && known.pem === (await readText(folder, `${last}.pem`))) return;
  throw new SphereIotError(
    'CATALOG_CHANGED',
    `Somebody else gave the catalog in ${folder} a new CA certificate since it was loaded: load it again.`,
  );
}

async function saveAuthority(
  folder: string,
  name: string,
  authority: CertificateAuthority,
  { passphrase }: SaveCatalogOptions,
): Promise<void> {
  const present = await textIn(folder, `${name}.pem`);
  if (present === authority.pem) return;
  // The key first: a certificate without its key would be of no use.
  const key = privateKeyPem(authority.privateKey, passphrase);
  await writeFileAtomic(join(folder, KEYS, `${name}.pem`), key, { mode: 0o600 });
  await writeFileAtomic(join(folder, `${name}.pem`), authority.pem);
}

async function writeIfChanged(folder: string, file: string, content: string): Promise<void> {
  const present = await textIn(folder, file);
  if (present !== content) await writeFileAtomic(join(folder, file), content);
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await textIn(folder, MANIFEST);
  if (text === undefined) return undefined;
  const manifest = parse<Manifest>(folder, MANIFEST, text);
  if (Number.isSafeInteger(manifest.format) && manifest.format > FORMAT)
    throw new SphereIotError(
      'CATALOG_FOLDER_NEWER',
      `The catalog in ${folder} was written by a newer version of sphere-iot (format ${manifest.format}). Update it.`,
    );
  const { format, id, authorities, policy } = manifest;
  if (
    format !== FORMAT ||
    typeof id !== 'string' ||
    !GUID.test(id) ||
    !Number.isInteger(authorities) ||
    authorities < 1 ||
    !isObject(policy)
  )
    throw damaged(folder, MANIFEST, 'it lacks format, id, policy or authorities, or the id is no GUID');
  const wrong = Object.entries(POLICY_FIELDS).find(
    ([field, fits]) => policy[field] !== undefined && !fits(policy[field]),
  );
  if (wrong !== undefined) throw damaged(folder, MANIFEST, `the policy's ${wrong[0]} can't be used`);
  for (const name of [KEYS, DEVICES]) await checkOwnFolder(folder, name);
  return manifest;
}

/** What is written into a folder would be somewhere else if that were a link. */
async function checkOwnFolder(folder: string, name: string): Promise<void> {
  const status = await lstat(join(folder, name)).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (status?.isDirectory() === false) throw damaged(folder, name, 'it is no folder, or a link to one');
}

/** What a field of the policy may be, where it is there. */
const POLICY_FIELDS: Readonly<Record<keyof CatalogPolicy, (value: unknown) => boolean>> = {
  leafValidityMs: isTime,
  caValidityMs: isTime,
  skewMs: isTime,
  deviceIdCase: (value) => value === 'lower' || value === 'upper',
};

/** Of the clock, or a duration, ms. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= LATEST;
}

async function loadAuthority(
  folder: string,
  name: string,
  issuer: CertificateAuthority | undefined,
  { policy: { skewMs } }: Manifest,
  { clock = realClock, passphrase }: LoadCatalogOptions,
): Promise<CertificateAuthority> {
  const certificate = await readCertificate(folder, `${name}.pem`);
  const privateKey = await readKey(folder, name, passphrase);
  if (!certificate.checkPrivateKey(privateKey))
    throw damaged(folder, `${KEYS}/${name}.pem`, `it is not the key of ${name}.pem`);
  if (issuer !== undefined && !certificate.verify(issuer.certificate.publicKey))
    throw damaged(folder, `${name}.pem`, 'the certificate above it did not sign it');
  return CertificateAuthority.restore({ certificate, privateKey, issuer, clock, skewMs });
}

/** Whether Node found no file or folder there. */
function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function readCertificate(folder: string, name: string): Promise<X509Certificate> {
  const pem = await readText(folder, name);
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw damaged(folder, name, messageOf(cause), cause);
  }
}

async function readKey(folder: string, name: string, passphrase: string | undefined): Promise<KeyObject> {
  const file = `${KEYS}/${name}.pem`;
  const text = await readText(folder, file);
  try {
    return readPrivateKey(text, `the catalog in ${folder} (${file})`, passphrase);
  } catch (error) {
    // Its passphrase is the caller's affair; that the file is no key is the folder's.
    if (error instanceof SphereIotError && !error.code.startsWith('KEY_PASSPHRASE'))
      throw damaged(folder, file, error.message, error);
    throw error;
  }
}

async function loadDevices(folder: string): Promise<ClaimedDevice[]> {
  const names = await readdir(join(folder, DEVICES)).catch((error: unknown) => {
    // Without a device it is empty, and what keeps files only, as git does, leaves it out.
    if (isMissing(error)) return [];
    throw error;
  });
  const files = names.filter((name) => /^[0-9a-fA-F]{128}\.json$/.test(name));
  const devices: ClaimedDevice[] = [];
  for (let at = 0; at < files.length; at += FILES_AT_ONCE)
    devices.push(...(await Promise.all(files.slice(at, at + FILES_AT_ONCE).map((name) => loadDevice(folder, name)))));
  return devices.sort((a, b) => a.claimedAt - b.claimedAt || (a.id < b.id ? -1 : 1));
}

async function loadDevice(folder: string, name: string): Promise<ClaimedDevice> {
  const file = `${DEVICES}/${name}`;
  const device = parse<ClaimedDevice>(folder, file, await readText(folder, file));
  if (`${device.id}.json` !== name || !isTime(device.claimedAt))
    throw damaged(folder, file, 'it lacks claimedAt, or that is no time, or its id is not that of its name');
  if (![undefined, 'notAttested', 'osTooOld'].includes(device.refusal))
    throw damaged(folder, file, 'its refusal is none that there is');
  return device;
}

async function readText(folder: string, file: string): Promise<string> {
  const text = await textIn(folder, file);
  if (text === undefined) throw damaged(folder, file, 'it is missing');
  return text;
}

/** Undefined where there is no such file. Nobody waits for the other end of a pipe. */
async function textIn(folder: string, file: string): Promise<string | undefined> {
  const path = join(folder, file);
  const status = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (status === undefined) return undefined;
  if (!status.isFile()) throw damaged(folder, file, 'it is no regular file');
  if (status.size > MAX_TEXT_BYTES) throw damaged(folder, file, `it has more than ${MAX_TEXT_BYTES} bytes`);
  return readTextWithin(path);
}

function parse<T extends object>(folder: string, file: string, text: string): T {
  const value = parseJson(text);
  if (!isObject(value)) throw damaged(folder, file, 'it holds no JSON object, or one that is nested too deep');
  return value as T;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function damaged(folder: string, file: string, why: string, cause?: unknown): SphereIotError {
  return new SphereIotError(
    'CATALOG_FOLDER_DAMAGED',
    `The catalog in ${folder} is damaged: ${file}: ${why}. Bring that file back, or create a new catalog elsewhere.`,
    { cause },
  );
}
