import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { splitPem } from '../../src/certificates/index.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** 128 hex digits, as a device id has. */
export const DEVICE_ID = '0123456789abcdef'.repeat(8);

/** Runs the openssl command with files of these names and contents in its working directory; returns its output. */
export function openssl(args: readonly string[], files: Readonly<Record<string, string | Buffer>> = {}): string {
  return opensslBytes(args, files).toString();
}

/** The same, of what is no text. */
export function opensslBytes(args: readonly string[], files: Readonly<Record<string, string | Buffer>>): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'sphere-iot-certificates-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    return execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** `openssl x509 -text` of the first certificate. */
export function text(pem: string): string {
  return openssl(['x509', '-in', 'a.pem', '-noout', '-text', '-nameopt', 'RFC2253'], { 'a.pem': pem });
}

/** `openssl verify` of a chain, leaf first, under a root at a time in ms; throws what openssl has against it. */
export function verify(chain: string, root: string, at: number, purpose = 'any'): string {
  const [leaf = '', ...others] = splitPem(chain);
  const files = { 'leaf.pem': leaf, 'root.pem': root, 'others.pem': others.join('') };
  const untrusted = others.length > 0 ? ['-untrusted', 'others.pem'] : [];
  const time = ['-attime', String(Math.floor(at / 1000))];
  const strict = ['-x509_strict', '-purpose', purpose, '-no-CApath', '-no-CAstore'];
  return openssl(['verify', ...strict, ...time, '-CAfile', 'root.pem', ...untrusted, 'leaf.pem'], files);
}

/** The code of the error that a function throws, or its promise is rejected with. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  throw new Error('no error was thrown');
}
