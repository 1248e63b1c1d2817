import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

import { Catalog, CertificateAuthority } from '../../src/certificates/index.js';
import { caChainFile } from '../../src/certificates/certificate-files.js';
import { VirtualClock } from '../../src/clock/index.js';
import { useFolder } from '../support/folder.js';
import { cli, jsonOf } from './support.js';

const START = Date.UTC(2026, 5, 1);
const AT = ['--at', new Date(START).toISOString()];

interface InspectJson {
  readonly format: string;
  readonly certificates: readonly { readonly commonName: string; readonly issuerIndex?: number; validity: string }[];
  readonly dps: { readonly verdict: string; readonly reason: string; readonly errorCode?: number };
}

describe('sphere-iot cert inspect', () => {
  const folder = useFolder();
  const clock = new VirtualClock({ start: START });
  let root: CertificateAuthority;
  let intermediate: CertificateAuthority;

  beforeAll(async () => {
    root = await CertificateAuthority.create({ subject: { commonName: 'Contoso Root' }, clock });
    intermediate = await CertificateAuthority.create({ subject: { commonName: 'Contoso CA' }, clock, issuer: root });
  });

  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(folder.file(name), content);
    return folder.file(name);
  };
  const inspect = (...args: string[]) => cli(['cert', 'inspect', ...args]);
  const inspected = async (...args: string[]): Promise<InspectJson> => {
    const { stdout } = await inspect(...args, '--json');
    return JSON.parse(stdout) as InspectJson;
  };

  test('draws a chain as a tree, whatever the order in the file', async () => {
    const { leaf } = await intermediate.issue({ commonName: 'sensor-1' });
    const pem = file('chain.pem', intermediate.pem + leaf.toString() + root.pem);
    const { code, stdout } = await inspect(pem, ...AT);
    expect(code).toBe(0);
    expect(stdout.replaceAll(/SHA-1 [0-9A-F]{40}/g, 'SHA-1 …').replaceAll(/until [^:]+:[^:]+:[^:]+Z/g, 'until …')).toBe(
      `chain.pem: PEM, 3 certificates, at 2026-06-01T00:00:00.000Z

Contoso Root
  root, P-256, until …: valid
  SHA-1 …
└─ Contoso CA
     CA, P-256, until …: valid
     SHA-1 …
   └─ sensor-1
        leaf, P-256, until …: valid
        SHA-1 …

DPS would need to know more
  Registration id  sensor-1
  Why              accepted with an enrollment group for Contoso CA, or Contoso Root, verified there; or with an individual enrollment of this certificate
`,
    );
    const json = await inspected(pem, ...AT);
    expect(json.format).toBe('PEM');
    expect(json.certificates.map(({ commonName, issuerIndex }) => [commonName, issuerIndex])).toEqual([
      ['Contoso CA', 2],
      ['sensor-1', 0],
      ['Contoso Root', undefined],
    ]);
  });

  test('colours only on a terminal that wants it', async () => {
    const pem = file('root.pem', root.pem);
    expect((await cli(['cert', 'inspect', pem, ...AT], { tty: true })).stdout).toContain('\x1b[32mvalid\x1b[0m');
    expect((await cli(['cert', 'inspect', pem, ...AT], { tty: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(
      '\x1b',
    );
    expect((await inspect(pem, ...AT)).stdout).not.toContain('\x1b');
  });

  test('reads DER, and PKCS#7 as DER and as openssl writes it', async () => {
    const catalog = await Catalog.create({ clock });
    const p7b = file('chain.p7b', await caChainFile(catalog));
    execFileSync('openssl', ['pkcs7', '-inform', 'der', '-in', p7b, '-out', folder.file('chain.p7')]);
    execFileSync('openssl', [
      'crl2pkcs7',
      '-nocrl',
      '-certfile',
      file('root.pem', root.pem),
      '-outform',
      'der',
      '-out',
      folder.file('o.p7b'),
    ]);
    expect(await inspected(file('ca.cer', catalog.authority.der), ...AT)).toMatchObject({
      format: 'DER',
      certificates: [{ commonName: `Microsoft Azure Sphere ${catalog.id}` }],
      dps: { verdict: 'ca' },
    });
    expect((await inspected(p7b, ...AT)).certificates.map(({ issuerIndex }) => issuerIndex)).toEqual([1, 2, undefined]);
    expect(await inspected(folder.file('chain.p7'), ...AT)).toMatchObject({
      format: 'PKCS#7 PEM',
      certificates: { length: 3 },
    });
    expect(await inspected(folder.file('o.p7b'), ...AT)).toMatchObject({
      certificates: [{ commonName: 'Contoso Root' }],
    });
  });

  test.each<[string, string[], string, RegExp, number | undefined]>([
    ['a verified CA', ['--ca', 'root'], 'accepted', /enrollment group for Contoso Root/, undefined],
    ['an unverified CA', ['--unverified-ca', 'root'], 'refused', /Contoso Root is there, but not verified/, 401002],
    ['another CA', ['--ca', 'other'], 'refused', /no CA certificate is known that signed/, 401002],
    ['a time after its end', ['--ca', 'root', '--at', '2030-01-01'], 'refused', /expired at 2027/, 401002],
    ['a time before its beginning', ['--at', '2020-01-01'], 'refused', /is valid from 2026/, 401002],
  ])('says what DPS would say with %s, and why', async (_name, args, verdict, reason, errorCode) => {
    const other = await CertificateAuthority.create({ subject: { commonName: 'Other' }, clock });
    const files: Record<string, string> = { root: file('root.cer', root.der), other: file('other.cer', other.der) };
    const { chain } = await intermediate.issue({ commonName: 'sensor-1' });
    const argv = [
      file('chain.pem', chain),
      ...args.map((each) => files[each] ?? each),
      ...(args.includes('--at') ? [] : AT),
    ];
    const { dps } = await inspected(...argv);
    expect(dps).toMatchObject({ verdict, reason: expect.stringMatching(reason) });
    expect(dps.errorCode).toBe(errorCode);
    const { code, stderr } = await inspect(...argv);
    expect(code).toBe(verdict === 'refused' ? 1 : 0);
    expect(stderr).toMatch(verdict === 'refused' ? /^error: DPS would refuse it: .* \(DPS_REFUSES\)\n$/ : /^$/);
  });

  test('a chain with an issuer left out is refused', async () => {
    const { leaf } = await intermediate.issue({ commonName: 'sensor-1' });
    const { dps } = await inspected(file('leaf.pem', leaf.toString()), '--ca', file('root.cer', root.der), ...AT);
    expect(dps).toMatchObject({ verdict: 'refused', errorCode: 401002 });
    const alone = await inspected(folder.file('leaf.pem'), ...AT);
    expect(alone.dps).toMatchObject({
      verdict: 'depends',
      reason: expect.stringContaining('CN=Contoso CA (not in the file)'),
    });
  });

  test.each([
    ['no registration id', 'sensor 1'],
    ['a full stop at its end', 'sensor.'],
  ])('a common name that is %s is refused', async (_name, commonName) => {
    const { chain } = await root.issue({ commonName });
    const { dps } = await inspected(file('leaf.pem', chain), ...AT);
    expect(dps).toMatchObject({ verdict: 'refused', reason: expect.stringContaining('is no registration id') });
  });

  test('an expired CA certificate is refused', async () => {
    const { dps } = await inspected(file('root.pem', root.pem), '--at', '2099-01-01');
    expect(dps).toMatchObject({ verdict: 'refused', reason: expect.stringContaining('Contoso Root is not valid') });
  });

  test('what is no certificate is named', async () => {
    execFileSync(
      'openssl',
      [
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        '/CN=a',
        '-keyout',
        folder.file('key.pem'),
        '-out',
        folder.file('a.csr'),
      ],
      { stdio: 'ignore' },
    );
    const cases: [string, RegExp][] = [
      [folder.file('a.csr'), /certificate request.*CERTIFICATE_NOT_PEM/],
      [folder.file('key.pem'), /private key.*CERTIFICATE_NOT_PEM/],
      [file('letter.txt', 'Dear'), /CERTIFICATE_NOT_PEM/],
      [file('empty.cer', ''), /CERTIFICATE_NOT_PEM/],
      [file('cut.pem', root.pem.slice(0, 200)), /CERTIFICATE_TRUNCATED/],
      [file('cut.cer', root.der.subarray(0, 200)), /CERTIFICATE_TRUNCATED/],
      [file('cut.p7b', (await caChainFile(await Catalog.create({ clock }))).subarray(0, 900)), /PKCS7_NOT_READABLE/],
      [folder.file('missing.pem'), /There is no .*missing\.pem\. \(FILE_NOT_FOUND\)/],
    ];
    for (const [name, message] of cases) {
      const { code, stdout, stderr } = await inspect(name);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(message);
      const secret = readFileSync(folder.file('key.pem'), 'utf8').split('\n')[2] as string;
      expect(stderr).not.toContain(secret);
    }
  });

  test('--json of a good file has nothing on stderr', async () => {
    expect(jsonOf<InspectJson>(await inspect(file('root.pem', root.pem), ...AT, '--json')).dps.verdict).toBe('ca');
  });
});
