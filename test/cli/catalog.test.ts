import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';

import { useFolder } from '../support/folder.js';
import { cli, jsonOf } from './support.js';

interface CatalogJson {
  readonly id: string;
  readonly devices: number;
  readonly authorities: readonly { readonly status: string; readonly thumbprints: { readonly sha1: string } }[];
}

const ID = '12345678-9abc-4def-8123-456789abcdef';
const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8' });

describe('sphere-iot catalog', () => {
  const folder = useFolder();
  const catalog = (...args: string[]) => cli(['catalog', ...args, '--dir', folder.file('catalog')]);

  test('create makes one, and show shows it', async () => {
    const created = await catalog('create', '--id', ID.toUpperCase());
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(created.stdout).toContain(`Catalog ${ID}`);
    expect(await catalog('show')).toEqual(created);
    const shown = jsonOf<CatalogJson>(await catalog('show', '--json'));
    expect(shown).toMatchObject({ id: ID, devices: 0, leafValidityMs: 86_400_000 });
    const fingerprint = openssl('x509', '-in', folder.file('catalog/ca-1.pem'), '-noout', '-fingerprint', '-sha1');
    expect(fingerprint.trim().split('=')[1]?.replaceAll(':', '')).toBe(shown.authorities[0]?.thumbprints.sha1);
  });

  test('a second create in the same folder is refused and changes nothing', async () => {
    const { id } = jsonOf<CatalogJson>(await catalog('create', '--json'));
    expect(await catalog('create')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/CATALOG_EXISTS/),
    });
    expect(jsonOf<CatalogJson>(await catalog('show', '--json')).id).toBe(id);
  });

  test('bad options are refused before anything is written', async () => {
    expect((await catalog('create', '--id', 'none')).stderr).toContain('CATALOG_ID_INVALID');
    expect(await catalog('create', '--leaf-validity', '1 day')).toMatchObject({ code: 2 });
    expect(await catalog('create', '--device-id-case', 'mixed')).toMatchObject({ code: 2 });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('the downloads are what openssl expects of them', async () => {
    await catalog('create');
    const [cer, p7b, proof] = ['ca.cer', 'chain.p7b', 'proof.cer'].map((name) => folder.file(name)) as [
      string,
      string,
      string,
    ];
    expect(await catalog('download', '--output-file', cer)).toMatchObject({ code: 0, stdout: `Written: ${cer}\n` });
    jsonOf(await catalog('download-chain', '-o', p7b, '--json'));
    jsonOf(await catalog('download-proof', '--verification-code', 'C0DE', '--output-file', proof, '--json'));
    expect(openssl('x509', '-inform', 'der', '-in', cer)).toBe(readFileSync(folder.file('catalog/ca-1.pem'), 'utf8'));
    const chain = openssl('pkcs7', '-inform', 'der', '-in', p7b, '-print_certs');
    expect(chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    expect(openssl('x509', '-inform', 'der', '-in', proof, '-noout', '-subject')).toMatch(/CN ?= ?C0DE$/m);
    expect(statSync(cer).mode & 0o444).not.toBe(0);
  });

  test('downloads want the endings of az sphere, and a code', async () => {
    await catalog('create');
    const wrong = await catalog('download', '--output-file', folder.file('ca.pem'));
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('.cer') });
    expect(await catalog('download-chain', '--output-file', folder.file('ca.cer'))).toMatchObject({ code: 2 });
    expect(await catalog('download-proof', '--output-file', folder.file('p.cer'))).toMatchObject({ code: 2 });
    const empty = await catalog('download-proof', '--verification-code', '', '--output-file', folder.file('p.cer'));
    expect(empty).toMatchObject({ code: 1, stderr: expect.stringContaining('CERTIFICATE_COMMON_NAME_MISSING') });
    expect(readdirSync(folder.path)).toEqual(['catalog']);
  });

  test('roll gives a new CA, which the downloads then are of', async () => {
    const before = jsonOf<CatalogJson>(await catalog('create', '--json'));
    const after = jsonOf<CatalogJson>(await catalog('roll', '--json'));
    expect(after.authorities.map(({ status }) => status)).toEqual(['replaced', 'active']);
    expect(after.authorities[0]?.thumbprints).toEqual(before.authorities[0]?.thumbprints);
    const cer = folder.file('ca.cer');
    await catalog('download', '--output-file', cer);
    const shown = jsonOf<{ certificates: { thumbprints: { sha1: string } }[] }>(
      await cli(['cert', 'inspect', cer, '--json']),
    );
    expect(shown.certificates[0]?.thumbprints.sha1).toBe(after.authorities[1]?.thumbprints.sha1);
  });

  test('a passphrase that is not UTF-8 is refused, of which others would be the same', async () => {
    const file = folder.file('random.bin');
    const argv = ['catalog', 'create', '--dir', folder.file('catalog')];
    for (const bytes of [
      [0xff, 0xfe, 0xfd, 0xfc],
      [0x61, 0xe4, 0x0a],
      [0xed, 0xa0, 0x80],
      [0xc0, 0x80],
    ]) {
      writeFileSync(file, Buffer.from(bytes));
      expect(await cli([...argv, '--passphrase-file', file])).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^error: The passphrase in .*random\.bin is not UTF-8: save .*\(KEY_PASSPHRASE_NOT_UNICODE\)\n$/,
        ),
      });
    }
    expect(await cli(argv, { env: { SPHERE_IOT_PASSPHRASE: 'a\ufffd' } })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: The passphrase in SPHERE_IOT_PASSPHRASE is not UTF-8.*_NOT_UNICODE\)\n$/),
    });
    expect(existsSync(folder.file('catalog'))).toBe(false);
    // Any that is UTF-8 is taken, and read again.
    writeFileSync(file, 'Schlüssel \u{1f511}\ufffd\n');
    expect(await cli([...argv, '--passphrase-file', file])).toMatchObject({ code: 0 });
    expect(await cli(['device', 'claim', ...argv.slice(2), '--passphrase-file', file])).toMatchObject({ code: 0 });
  });

  test('a folder below a link to nowhere is told as that', async () => {
    symlinkSync('nowhere', folder.file('link'));
    const message = `error: The folder ${folder.file('link')} can't be made: its path has a link to what is not there, or no folders can be made there. (FILE_NOT_FOUND)\n`;
    for (const argv of [
      ['emulate', '--port', '0', '--state', folder.file('link')],
      ['catalog', 'create', '--dir', folder.file('link/catalog')],
    ])
      expect(await cli(argv)).toEqual({ code: 1, stdout: '', stderr: message });
  });

  test('an empty passphrase is refused, and nothing is written', async () => {
    const file = folder.file('empty.txt');
    writeFileSync(file, '\r\n');
    const argv = ['catalog', 'create', '--dir', folder.file('catalog')];
    expect(await cli(argv, { env: { SPHERE_IOT_PASSPHRASE: '' } })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error: SPHERE_IOT_PASSPHRASE is set, but empty or blank: give a passphrase, or unset it for keys that are not encrypted. (KEY_PASSPHRASE_EMPTY)\n',
    });
    const fromFile = await cli([...argv, '--passphrase-file', file], { env: { SPHERE_IOT_PASSPHRASE: 'not this' } });
    expect(fromFile).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^error: The passphrase in .*empty\.txt is empty or blank: .*\(KEY_PASSPHRASE_EMPTY\)\n$/,
      ),
    });
    for (const blank of [' ', '\t', '\n', '\r\n', ' \n\n'])
      expect(await cli(argv, { env: { SPHERE_IOT_PASSPHRASE: blank } })).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('KEY_PASSPHRASE_EMPTY'),
      });
    for (const zeros of ['\0', '\0\0\n', '\u0001 \u007f', '\u200b\n', '\ufeff', '\u2060\u00ad\u3164']) {
      writeFileSync(file, zeros);
      expect(await cli([...argv, '--passphrase-file', file])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('KEY_PASSPHRASE_EMPTY'),
      });
    }
    // OpenSSL would write keys with it, and never read them again.
    expect(await cli(argv, { env: { SPHERE_IOT_PASSPHRASE: 'x'.repeat(1025) } })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('KEY_PASSPHRASE_TOO_LONG'),
    });
    expect(existsSync(folder.file('catalog'))).toBe(false);
  });

  test('a passphrase comes from a file or from the environment, and never shows', async () => {
    const file = folder.file('secret.txt');
    writeFileSync(file, 'correct horse\n');
    expect(await catalog('create', '--passphrase-file', file)).toMatchObject({ code: 0 });
    expect(await catalog('show')).toMatchObject({ code: 1, stderr: expect.stringContaining('KEY_PASSPHRASE_MISSING') });
    const argv = ['catalog', 'show', '--dir', folder.file('catalog')];
    expect(await cli(argv, { env: { SPHERE_IOT_PASSPHRASE: 'correct horse' } })).toMatchObject({ code: 0 });
    expect(await cli(argv, { env: { SPHERE_IOT_PASSPHRASE: 'correct horse\r\n' } })).toMatchObject({ code: 0 });
    const wrong = await cli(argv, { env: { SPHERE_IOT_PASSPHRASE: 'battery staple' } });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('KEY_PASSPHRASE_WRONG') });
    expect(wrong.stderr).not.toContain('battery');
    const missing = await catalog('show', '--passphrase-file', folder.file('none'));
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('FILE_NOT_FOUND') });
  });
});
