import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Wanted {
  /** Name of the issuer; default: itself. */
  readonly by?: string;
  /** Whose key it has; default: its own. */
  readonly key?: string;
  /** Of its own key, as `openssl genpkey` has it. Default P-256. */
  readonly algorithm?: readonly string[];
  /** Default: its name as CN. */
  readonly subject?: string;
  /** From now. Default 99. */
  readonly days?: number;
  readonly pathLength?: number;
  readonly constraint?: string;
  readonly altName?: string;
  readonly extended?: string;
  readonly keyUsage?: string;
  /** Further lines of extensions. */
  readonly more?: readonly string[];
  /** How it is signed, as `openssl x509` has it. */
  readonly signing?: readonly string[];
}

interface Verification {
  /** ms. */
  readonly now: number;
  readonly purpose?: 'server' | undefined;
  /** Of security. Default 1, that of Node 20. */
  readonly level?: number;
}

/** Certificates of every kind, made by the `openssl` command, and its opinion of them. */
export class OpensslChains {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'chains-'));
  #serial = 0;

  ca(name: string, wanted: Wanted = {}): this {
    const length = wanted.pathLength === undefined ? '' : `,pathlen:${wanted.pathLength}`;
    return this.#make(name, wanted, [`basicConstraints=critical,CA:TRUE${length}`, 'keyUsage=critical,keyCertSign']);
  }

  leaf(name: string, wanted: Wanted): this {
    const usage = wanted.keyUsage === undefined ? [] : [`keyUsage=critical,${wanted.keyUsage}`];
    return this.#make(name, wanted, ['basicConstraints=critical,CA:FALSE', ...usage]);
  }

  certificate(name: string): X509Certificate {
    return new X509Certificate(readFileSync(this.#file(name, 'pem')));
  }

  /** The file's path; `key` is the private key. */
  pem(name: string, ending: 'pem' | 'key' = 'pem'): string {
    return readFileSync(this.#file(name, ending), 'utf8');
  }

  /** Whether `openssl verify` accepts it. */
  verify(
    leaf: string,
    anchors: readonly string[],
    others: readonly string[],
    { now, purpose, level = 1 }: Verification,
  ): boolean {
    const bundle = (name: string, names: readonly string[]): string => {
      writeFileSync(this.#file(name, 'bundle'), names.map((each) => this.pem(each)).join(''));
      return this.#file(name, 'bundle');
    };
    const trusted = [
      '-auth_level',
      String(level),
      '-partial_chain',
      '-no-CApath',
      '-no-CAstore',
      '-CAfile',
      bundle('anchors', anchors),
    ];
    const between = others.length === 0 ? [] : ['-untrusted', bundle('others', others)];
    const time = ['-attime', String(Math.floor(now / 1000))];
    const kind = purpose === undefined ? [] : ['-purpose', 'sslserver'];
    try {
      this.#openssl('verify', ...trusted, ...between, ...time, ...kind, this.#file(leaf, 'pem'));
      return true;
    } catch {
      return false;
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #make(name: string, wanted: Wanted, extensions: readonly string[]): this {
    const { by = name, key = name, subject = `/CN=${name}`, days = 99, constraint, altName, extended } = wanted;
    const { algorithm = ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], more = [], signing = [] } = wanted;
    if (key === name) this.#openssl('genpkey', '-algorithm', ...algorithm, '-out', this.#file(name, 'key'));
    const directory = constraint?.endsWith('dirName:only') ? ['[only]', 'O=Contoso Ltd'] : [];
    const lines = [
      ...extensions,
      ...(constraint === undefined ? [] : [`nameConstraints=critical,${constraint}`]),
      ...(altName === undefined ? [] : [`subjectAltName=${altName}`]),
      ...(extended === undefined ? [] : [`extendedKeyUsage=${extended}`]),
      ...more,
      ...directory,
    ];
    writeFileSync(this.#file(name, 'ext'), lines.join('\n'));
    this.#openssl('req', '-new', '-key', this.#file(key, 'key'), '-subj', subject, '-out', this.#file(name, 'csr'));
    const signer =
      by === name
        ? ['-signkey', this.#file(key, 'key')]
        : ['-CA', this.#file(by, 'pem'), '-CAkey', this.#file(by, 'key'), '-set_serial', String(++this.#serial)];
    const files = [
      '-in',
      this.#file(name, 'csr'),
      '-out',
      this.#file(name, 'pem'),
      '-extfile',
      this.#file(name, 'ext'),
    ];
    this.#openssl('x509', '-req', ...files, ...signer, '-days', String(days), ...signing);
    return this;
  }

  #file(name: string, ending: string): string {
    return path.join(this.#folder, `${name}.${ending}`);
  }

  #openssl(...parts: string[]): void {
    execFileSync('openssl', parts, { stdio: 'pipe' });
  }
}
