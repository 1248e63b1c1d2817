import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { CertificateAuthority, type Credential } from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { useFolder } from '../support/folder.js';
import { cli, jsonOf, type CliOptions, type Outcome } from './support.js';

const DPS = 'global.azure-devices-provisioning.net';
const HUB = 'contoso.azure-devices.net';
const ID = '5a'.repeat(64);

interface DeviceJson {
  readonly deviceId: string;
  readonly attestation: string;
  readonly daa?: { readonly folder: string; readonly thumbprints: { readonly sha1: string } };
}

const folder = useFolder();
const dir = (): string => folder.file('catalog');
const device = (...args: string[]) => cli(['device', ...args, '--dir', dir()]);
const shown = async (...args: string[]): Promise<DeviceJson> => jsonOf(await device('show', ID, ...args, '--json'));

beforeEach(async () => void jsonOf(await cli(['catalog', 'create', '--dir', dir(), '--json'])));

describe('sphere-iot device', () => {
  test('claim takes an id in any case, or makes one; list has them', async () => {
    expect(await device('list')).toMatchObject({ code: 0, stdout: 'No device is claimed.\n' });
    expect(await device('claim', ID.toUpperCase())).toEqual({ code: 0, stdout: `${ID}\n`, stderr: '' });
    const { deviceId } = jsonOf<DeviceJson>(await device('claim', '--json'));
    expect(deviceId).toMatch(/^[0-9a-f]{128}$/);
    expect(jsonOf<DeviceJson[]>(await device('list', '--json'))).toMatchObject([{ deviceId: ID }, { deviceId }]);
    expect((await device('list')).stdout).toBe(`${ID}  accepted\n${deviceId}  accepted\n`);
  });

  test('what can’t be claimed or found is named', async () => {
    await device('claim', ID);
    expect((await device('claim', ID)).stderr).toContain('DEVICE_ALREADY_CLAIMED');
    expect((await device('claim', 'abc')).stderr).toContain('DEVICE_ID_INVALID');
    expect((await device('attest', 'ab'.repeat(64))).stderr).toContain('DEVICE_NOT_CLAIMED');
    rmSync(dir(), { recursive: true });
    expect((await device('list')).stderr).toContain('CATALOG_FOLDER_NOT_FOUND');
  });

  test('attest makes a certificate with a new key, which only its owner can read', async () => {
    await device('claim', ID);
    expect(await shown()).not.toHaveProperty('daa');
    expect((await device('show', ID)).stdout).toContain('none that is valid');
    const first = jsonOf<DeviceJson>(await device('attest', ID, '--json'));
    expect(await shown()).toEqual(first);
    const kept = first.daa?.folder as string;
    for (const name of readdirSync(kept).filter((each) => /key/.test(each)))
      expect(statSync(join(kept, name)).mode & 0o777).toBe(0o600);
    const { stdout } = await device('attest', ID);
    expect(stdout).not.toContain('PRIVATE KEY');
    expect((await shown()).daa?.thumbprints.sha1).not.toBe(first.daa?.thumbprints.sha1);
  });

  test('a passphrase encrypts the key, and is asked for', async () => {
    rmSync(dir(), { recursive: true });
    const env = { SPHERE_IOT_PASSPHRASE: randomBytes(9).toString('hex') };
    const run = (...args: string[]) => cli([...args, '--dir', dir(), '--json'], { env });
    await run('catalog', 'create');
    await run('device', 'claim', ID);
    const { daa } = jsonOf<DeviceJson>(await run('device', 'attest', ID));
    const texts = readdirSync(daa?.folder as string).map((name) =>
      readFileSync(join(daa?.folder as string, name), 'utf8'),
    );
    expect(texts.join()).toContain('ENCRYPTED PRIVATE KEY');
    expect(texts.join()).not.toContain('BEGIN PRIVATE KEY');
    const without = await device('show', ID);
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).not.toContain(env.SPHERE_IOT_PASSPHRASE);
  });

  test('refuse lets it get none until that is taken back', async () => {
    await device('claim', ID);
    await device('refuse', ID, '--reason', 'os-too-old');
    expect(await shown()).toMatchObject({ attestation: 'osTooOld' });
    expect((await device('attest', ID)).stderr).toContain('DEVICE_OS_TOO_OLD');
    await device('refuse', ID);
    expect((await device('attest', ID)).stderr).toContain('DEVICE_NOT_ATTESTED');
    await device('refuse', ID, '--reason', 'none');
    expect(await device('attest', ID)).toMatchObject({ code: 0, stderr: '' });
    expect(await device('refuse', ID, '--reason', 'mood')).toMatchObject({ code: 2 });
  });

  test('a certificate that was written in part is none, and the next attestation mends it', async () => {
    await device('claim', ID);
    const { daa } = jsonOf<DeviceJson>(await device('attest', ID, '--json'));
    const kept = daa?.folder as string;
    const certificate = readdirSync(kept).find((name) => !/key/.test(name)) as string;
    truncateSync(join(kept, certificate), 100);
    expect(await shown()).not.toHaveProperty('daa');
    jsonOf(await device('attest', ID, '--json'));
    expect(await shown()).toHaveProperty('daa');
  });
});

describe('sphere-iot device connect', () => {
  let azure: LocalAzure;
  let port: number;

  beforeEach(async () => {
    azure = await LocalAzure.start({ dps: { assigningPolls: 0, retryAfterSeconds: 1 } });
    ({ port } = await azure.listen());
    writeFileSync(folder.file('roots.pem'), azure.trustRoots);
  });

  afterEach(() => azure.close());

  /** Where the names lead to, and whom the device trusts. */
  function surroundings(): string[] {
    const names = [`${DPS}:8883`, `${HUB}:8883`, `${DPS}:443`, `${HUB}:443`];
    const mapped = names.flatMap((name) => ['--endpoint', `${name}=127.0.0.1:${port}`]);
    return [...mapped, '--trust-roots', folder.file('roots.pem')];
  }

  const connect = (args: readonly string[], options?: CliOptions): Promise<Outcome> =>
    cli(['device', 'connect', '--dir', dir(), ...args, ...surroundings()], options);

  const byDps = (): string[] => ['--id-scope', azure.dps.idScope];

  /** By its CA's certificate and proof, as one does on Azure's pages. */
  async function enrollCatalog(): Promise<void> {
    const { certificates, enrollmentGroups } = azure.dps;
    await cli(['catalog', 'download', '--output-file', folder.file('ca.cer'), '--dir', dir()]);
    certificates.upload('catalog', readFileSync(folder.file('ca.cer')));
    const proof = folder.file('proof.cer');
    const code = ['--verification-code', certificates.generateVerificationCode('catalog')];
    await cli(['catalog', 'download-proof', ...code, '--output-file', proof, '--dir', dir()]);
    certificates.verify('catalog', readFileSync(proof));
    enrollmentGroups.create({ id: 'sphere', attestation: { x509: { caName: 'catalog' } } });
  }

  /** A chain in files, from a CA that DPS trusts if it is told to. */
  async function customChain(commonName: string, enroll = true): Promise<{ args: string[]; credential: Credential }> {
    const root = await CertificateAuthority.create({ subject: { commonName: 'Factory' }, clock: realClock });
    const credential = await root.issue({ commonName });
    writeFileSync(folder.file('chain.pem'), credential.chain);
    const key = credential.privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(folder.file('key.pem'), key, { mode: 0o600 });
    if (enroll) {
      azure.dps.certificates.upload('factory', root.certificate, { verified: true });
      azure.dps.enrollmentGroups.create({ id: 'line', attestation: { x509: { caName: 'factory' } } });
    }
    return { args: ['--chain', folder.file('chain.pem'), '--key', folder.file('key.pem')], credential };
  }

  test('a device of the catalog is attested, provisions, connects, and sends', async () => {
    await device('claim', ID);
    await enrollCatalog();
    const { code, stdout, stderr } = await connect([ID, ...byDps(), '--message', '{"t":21}', '--message', 'two']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      new RegExp(
        [
          `device .*DAA certificate of ${ID}`,
          `dps .*${DPS}, id scope ${azure.dps.idScope}: registering`,
          `dps .*assigned to ${HUB} as ${ID}`,
          `hub .*${HUB}: authenticated as ${ID}`,
          'hub .*telemetry confirmed: {"t":21}',
          'hub .*telemetry confirmed: two',
        ].join('\\n.*'),
      ),
    );
    expect(code).toBe(0);
    expect((await azure.hub().device(ID).nextTelemetry()).body.toString()).toBe('{"t":21}');
    // The same certificate, which is kept.
    const { daa } = await shown();
    const again = jsonOf(await connect([ID, '--hub', HUB, '--json']));
    expect(again).toEqual({ hub: HUB, deviceId: ID, commonName: ID, messagesSent: 0 });
    expect((await shown()).daa).toEqual(daa);
  });

  test('a custom chain goes by both overrides, over WebSocket, with a model id', async () => {
    const { args } = await customChain('kettle-7');
    const more = ['--protocol', 'mqtt-ws', '--model-id', 'dtmi:contoso:kettle;1', '--json'];
    const report = jsonOf(await connect([...args, ...byDps(), ...more]));
    expect(report).toMatchObject({ hub: HUB, deviceId: 'kettle-7', commonName: 'kettle-7' });
    expect(azure.dps.registration('kettle-7')).toMatchObject({ enrollmentGroupId: 'line', assignedHub: HUB });
    expect(azure.hub().events()).toContainEqual(
      expect.objectContaining({ type: 'connected', modelId: 'dtmi:contoso:kettle;1' }),
    );
  });

  test('to a hub without DPS, under another device id', async () => {
    await device('claim', ID);
    const { daa } = jsonOf<DeviceJson>(await device('attest', ID, '--json'));
    const thumbprints = { primary: daa?.thumbprints.sha1 as string };
    azure.hub().devices.create({ deviceId: 'kitchen', authentication: { type: 'selfSigned', thumbprints } });
    const report = jsonOf(await connect([ID, '--hub', HUB, '--device-id', 'kitchen', '--json']));
    expect(report).toMatchObject({ hub: HUB, deviceId: 'kitchen', commonName: ID });
    // The SDK can't do that with a custom chain: its identity is its common name.
    const { args } = await customChain('kettle-7', false);
    const other = await connect([...args, '--hub', HUB, '--device-id', 'kitchen']);
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('common name is kettle-7') });
  });

  test('stays until it is interrupted, and shows what comes', async () => {
    const { args } = await customChain('kettle-7');
    const interrupt = new AbortController();
    const seen = azure.hub().device('kettle-7');
    let told = '';
    const until = (pattern: RegExp): Promise<void> =>
      new Promise((resolve) => {
        waits.push(() => pattern.test(told) && resolve());
      });
    const waits: (() => void)[] = [];
    const onOutput = (text: string): void => {
      told += text;
      waits.forEach((look) => look());
    };
    const staying = until(/stays connected/);
    const running = connect([...args, ...byDps(), '--stay'], { interrupted: interrupt.signal, onOutput });
    await staying;
    const [message, desired] = [until(/message: hello/), until(/desired properties: .*"level":3/)];
    seen.sendC2D('hello');
    seen.updateDesired({ level: 3 });
    await Promise.all([message, desired]);
    interrupt.abort();
    expect(await running).toMatchObject({ code: 0, stderr: '' });
    await seen.disconnected();
  });

  test('what the cloud says no to is told in words, and no key is', async () => {
    await device('claim', ID);
    const refused = await connect([ID, ...byDps(), '--json']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stderr)).toEqual({
      error: { code: 'PROVISIONING_FAILED', message: expect.stringContaining('401002') },
    });
    const { args, credential } = await customChain('kettle-7', false);
    const unknown = await connect([...args, '--hub', HUB, '--sdk-log']);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringMatching(/no device kettle-7 is registered there/) });
    const { d } = credential.privateKey.export({ format: 'jwk' });
    expect(unknown.stdout + unknown.stderr).not.toContain(d);
    expect(unknown.stdout + unknown.stderr).not.toContain('PRIVATE KEY');
  });

  test('a hub that its roots do not vouch for is not trusted', async () => {
    const { args } = await customChain('kettle-7');
    const other = await CertificateAuthority.create({ subject: { commonName: 'Other' }, clock: realClock });
    writeFileSync(folder.file('roots.pem'), other.pem);
    const { code, stderr } = await connect([...args, ...byDps()]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/certificate/);
  });

  test('gives up after its time, and says so', async () => {
    const { args } = await customChain('kettle-7');
    azure.faults.add({ kind: 'dpsSilence', times: Infinity });
    expect(await connect([...args, ...byDps(), '--timeout', '200ms'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/was not there after 0.2 s.*\(TIMED_OUT\)/),
    });
  });

  test('Ctrl-C while it connects ends it with 1', async () => {
    const { args } = await customChain('kettle-7');
    const silence = azure.faults.add({ kind: 'dpsSilence', times: Infinity });
    const interrupt = new AbortController();
    const onOutput = (text: string): void => void (text.includes('registering') && interrupt.abort());
    expect(await connect([...args, ...byDps()], { interrupted: interrupt.signal, onOutput })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(INTERRUPTED)'),
    });
    silence.remove(); // it may not have come to be silent
  });

  test('no name leads to the internet unless that is allowed in words', async () => {
    const { args } = await customChain('kettle-7');
    const { code, stderr } = await cli(['device', 'connect', ...args, '--hub', 'example.azure-devices.net']);
    expect(code).toBe(1);
    expect(stderr).toContain('example.azure-devices.net');
  });

  test.each([
    ['no device at all', ['--hub', HUB]],
    ['a device and a chain', [ID, '--chain', 'c', '--key', 'k', '--hub', HUB]],
    ['a chain without its key', ['--chain', 'c', '--hub', HUB]],
    ['neither DPS nor hub', [ID]],
    ['DPS and hub', [ID, '--hub', HUB, '--id-scope', '0ne0']],
    ['an endpoint that is none', [ID, '--hub', HUB, '--endpoint', HUB]],
    ['a time that is none', [ID, '--hub', HUB, '--timeout', 'soon']],
  ])('%s: a wrong command', async (_name, args) => {
    const { code, stderr } = await cli(['device', 'connect', ...args, '--dir', dir()]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^error: /) });
  });

  test('the same as a program of its own', async () => {
    const { args } = await customChain('kettle-7');
    const main = join(__dirname, '../../dist/cjs/cli/main.js');
    const argv = [main, 'device', 'connect', ...args, ...byDps(), ...surroundings(), '--json'];
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, argv, (error, out) => (error === null ? resolve(out) : reject(error as Error)));
    });
    expect(JSON.parse(stdout)).toMatchObject({ hub: HUB, deviceId: 'kettle-7' });
  });
});
