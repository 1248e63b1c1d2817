// wolfSSL in apps. What runs in a thread is of dist/: `npm run build`.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { AppDevice, buildApp, type BuiltApp, type LaunchOptions } from '../../src/app/index.js';
import { Catalog, CertificateAuthority, type Credential } from '../../src/certificates/index.js';
import { realClock, VirtualClock } from '../../src/clock/index.js';
import { createDuplexPair } from '../../src/transport/index.js';
import { BUILD_TIME } from '../support/limits.js';
import { useApp } from './harness.js';

const CATALOG_ID = '00000000-0000-4000-8000-000000000000';
const DAY = 86_400_000;
/** Servers that verify clients do so by the machine's clock. */
const START = Date.now();

let built: BuiltApp;
let catalog: Catalog;
let servers: Readonly<Record<string, (stream: Duplex) => void>>;
let serial: string;

beforeAll(async () => {
  const package_ = await buildApp(path.join(__dirname, 'apps/wolfssl'));
  const authority = new VirtualClock({ start: START });
  const root = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock: authority });
  const other = await CertificateAuthority.create({ subject: { commonName: 'Other' }, clock: authority });
  catalog = await Catalog.create({ id: CATALOG_ID, clock: authority });
  const serverFor = (commonName: string, by = root, validityMs = DAY): Promise<Credential> =>
    by.issue({ commonName, usage: 'server', validityMs, subjectAltNames: [commonName, 'alias.contoso.com'] });
  const credential = await serverFor('tls.contoso.com');
  const client = await root.issue({ commonName: 'client-1' });
  serial = credential.leaf.serialNumber;
  const strict = { requestCert: true, rejectUnauthorized: true, ca: [root.pem, ...catalog.chain] };
  servers = {
    'tls.contoso.com': serve(credential, { requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['mqtt'] }),
    'name.contoso.com': serve(credential),
    'silent.contoso.com': serve(await serverFor('silent.contoso.com'), {}, sendBack),
    'other.contoso.com': serve(await serverFor('other.contoso.com', other)),
    'expired.contoso.com': serve(await serverFor('expired.contoso.com', root, -60_000)),
    'future.contoso.com': serve(await futureServer(root)),
    'old.contoso.com': serve(credential, { maxVersion: 'TLSv1.2' }),
    'strict.contoso.com': serve(await serverFor('strict.contoso.com'), strict),
    'plain.contoso.com': (stream) => void stream.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'closing.contoso.com': (stream) => void stream.end(),
    // A record, and in it what no server says.
    'junk.contoso.com': (stream) => void stream.write(Buffer.from([22, 3, 3, 0, 4, 9, 9, 9, 9])),
    'changed.contoso.com': changing(await serverFor('changed.contoso.com')),
  };
  const exported = (type: 'pem' | 'der') => client.privateKey.export({ type: 'pkcs8', format: type as 'pem' });
  const files = new Map<string, Buffer>([
    ...package_.files,
    ['certs/root.pem', Buffer.from(root.pem)],
    ['certs/other.pem', Buffer.from(other.pem)],
    ['certs/server.pem', Buffer.from(credential.chain)],
    ['certs/server-key.pem', Buffer.from(credential.privateKey.export({ type: 'pkcs8', format: 'pem' }))],
    ['certs/client.pem', Buffer.from(client.chain)],
    ['certs/client-key.pem', Buffer.from(exported('pem'))],
    ['certs/client.der', client.leaf.raw],
    ['certs/client-key.der', Buffer.from(exported('der'))],
    ['certs/text.txt', Buffer.from('no certificate')],
    ['certs/broken.pem', Buffer.from(root.pem.replace('MII', 'AAA'))],
  ]);
  built = { ...package_, files };
}, BUILD_TIME);

const suite = useApp(() => built, START);
const { expectNoFailures, notes } = suite;

/** A certificate that begins tomorrow. */
async function futureServer(root: CertificateAuthority): Promise<Credential> {
  const tomorrow = new VirtualClock({ start: START + DAY });
  const later = await CertificateAuthority.restore({
    certificate: root.certificate,
    privateKey: root.privateKey,
    clock: tomorrow,
  });
  return later.issue({ commonName: 'future.contoso.com', usage: 'server' });
}

type Answering = (socket: tls.TLSSocket, stream: Duplex) => void;

function serve(
  { chain, privateKey }: Credential,
  options: tls.TlsOptions = {},
  answering: Answering = echo,
): (stream: Duplex) => void {
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return (stream) => {
    const server = tls.createServer({ cert: chain, key, ...options }, (socket) => {
      socket.on('error', () => undefined);
      answering(socket, stream);
    });
    // Who is not trusted, or does not trust.
    server.on('tlsClientError', () => stream.destroy());
    server.emit('connection', stream);
  };
}

/** Somebody between the app and the server, who changes what the server says once it has been told to. */
function changing(credential: Credential): (stream: Duplex) => void {
  return (stream) => {
    const [here, there] = createDuplexPair(suite.clock);
    let changes = false;
    const server = serve(credential, {}, (socket) => {
      socket.on('data', (bytes: Buffer) => {
        changes = bytes.toString() === 'change\n';
        socket.write(bytes);
      });
    });
    server(there);
    stream.on('data', (bytes: Buffer) => here.write(bytes));
    here.on('data', (bytes: Buffer) => {
      const sent = Buffer.from(bytes);
      if (changes) sent[sent.length - 1] = (sent.at(-1) as number) ^ 1;
      stream.write(sent);
    });
    stream.on('close', () => here.destroy());
  };
}

/** Sends lines back, and does what some of them say. */
function echo(socket: tls.TLSSocket, stream: Duplex): void {
  socket.on('data', (bytes: Buffer) => {
    for (const line of bytes.toString().split(/(?<=\n)/)) {
      if (line === 'who\n') socket.write(`${socket.getPeerCertificate().subject?.CN ?? 'nobody'}\n`);
      else if (line === 'sni\n') socket.write(`${String(socket.servername)}\n`);
      else socket.write(line);
      if (line === 'end\n') socket.end();
      if (line === 'cut\n') setImmediate(() => stream.end());
    }
  });
  socket.on('end', () => socket.end());
}

/** Sends what it got back, once the client has sent it all: it reads nothing for a second before. */
function sendBack(socket: tls.TLSSocket): void {
  const SIZE = 300_000;
  const received: Buffer[] = [];
  suite.clock.setTimer(1000, () => {
    socket.on('data', (bytes: Buffer) => {
      received.push(bytes);
      const all = Buffer.concat(received);
      if (all.length === SIZE) socket.write(all);
    });
  });
}

async function launch(part: string, options: LaunchOptions = {}): Promise<void> {
  await suite.launch(part, options);
  for (const [name, server] of Object.entries(servers)) suite.app.serve(name, 443, server);
}

describe.each([
  ['in this thread', false],
  ['isolated', true],
])('%s', (_, isolate) => {
  test.each(['refused', 'sessions', 'nonblocking', 'spinning', 'large', 'endings', 'own-input', 'timeouts', 'crypto'])(
    '%s',
    async (part) => {
      await launch(part, { isolate });
      await expectNoFailures();
      expect(notes()).toEqual([]);
    },
  );

  test('whom it trusts', async () => {
    await launch('trust', { isolate });
    await expectNoFailures();
    expect(notes()).toEqual([expect.stringMatching(/TLS with a server failed: ERR_SSL_\w+\.$/)]);
  });

  test('a client certificate', async () => {
    await launch('client-certificate', { isolate });
    await expectNoFailures();
    const without = expect.stringContaining("The app's certificate (CN=client-1) is not sent: it has no private key.");
    const wrong = expect.stringContaining('is not sent: the private key belongs to another one.');
    expect(notes()).toEqual([without, wrong, without, wrong]);
  });

  test('the DAA certificate, for a server that trusts the catalog', async () => {
    await launch('device-certificate', { isolate, catalog });
    await expectNoFailures();
    expect(suite.app.lines.filter((line) => line.startsWith('device'))).toEqual([
      `device ${suite.app.deviceId}`,
      `device ${suite.app.deviceId}`,
    ]);
  });

  test('certificates, and the device id in one', async () => {
    await launch('certificates', { isolate });
    await expectNoFailures();
    expect(suite.app.lines[0]).toBe(`serial ${serial}`);
    await launch('device-id', { isolate, catalog });
    await expectNoFailures();
    expect(suite.app.lines[0]).toBe(`device ${suite.app.deviceId}`);
  });
});

test('a certificate that the device has renewed since', async () => {
  const device = await AppDevice.start({ catalog, clock: suite.clock });
  await launch('renewed-certificate', { device });
  await suite.app.log('loaded');
  await device.authentication.renew();
  suite.app.signal('SIGUSR1');
  await expectNoFailures();
  expect(notes()).toEqual([]);
  device.close();
});

test('a server outside this process, in real time', async () => {
  const server = createServer((socket) => servers['tls.contoso.com']?.(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const resolve = () => ({ kind: 'tcp', host: '127.0.0.1', port }) as const;
    await suite.launch('sessions', { clock: realClock, cloud: { resolve, trustRoots: '' } });
    await expectNoFailures();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

async function buildOf(files: Readonly<Record<string, string>>): Promise<BuiltApp> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sphere-wolfssl-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const cmake = `cmake_minimum_required(VERSION 3.20)
project(small C CXX)
add_executable(small ${Object.keys(files).join(' ')})
target_compile_options(small PRIVATE -Wall -Wextra)
target_link_libraries(small wolfssl applibs)
azsphere_target_add_image_package(small)
`;
    writeFileSync(path.join(folder, 'CMakeLists.txt'), cmake);
    copyFileSync(path.join(__dirname, 'apps/wolfssl/app_manifest.json'), path.join(folder, 'app_manifest.json'));
    return await buildApp(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test(
  'a call that is not there is an error of the build, which says why',
  async () => {
    const call = 'int wolfSSL_accept(WOLFSSL* ssl);\nint main(void) { return wolfSSL_accept(0); }\n';
    await expect(buildOf({ 'main.c': `#include <wolfssl/ssl.h>\n${call}` })).rejects.toMatchObject({
      code: 'APP_BUILD_FAILED',
      message: expect.stringMatching(
        /undefined symbol: wolfSSL_accept[\s\S]*only the calls of wolfSSL that public apps make/,
      ),
    });
  },
  BUILD_TIME,
);

/** Of wolfSSL 5, as far as they are installed and an app may include them. */
const HEADERS = {
  wolfssl: 'callbacks crl error-ssl ocsp options ssl version wolfio',
  'wolfssl/openssl': 'aes bio bn crypto des dh dsa ec err evp hmac md5 pem pkcs12 rand rsa sha ssl x509 x509v3',
  'wolfssl/wolfcrypt':
    'aes arc4 asn asn_public blake2 camellia chacha chacha20_poly1305 cmac coding compress cryptocb curve25519 curve448 des3 dh dsa ' +
    'ecc ed25519 ed448 error-crypt hash hmac integer kdf logging md4 md5 memory misc pkcs12 pkcs7 poly1305 pwdbased random rc2 ripemd ' +
    'rsa settings sha sha256 sha3 sha512 signature siphash sp sp_int srp tfm types visibility wc_encrypt wc_port wolfevent wolfmath',
};

test(
  "each header is there, in C and in C++, alone, and goes with the others'",
  async () => {
    const headers = Object.entries(HEADERS).flatMap(([folder, names]) =>
      names.split(' ').map((name) => `#include <${folder}/${name}.h>\n`),
    );
    const alone = headers.map((line, i) => [`alone${i}.c`, `${line}extern int x${i};\nint x${i};\n`]);
    const small = await buildOf({
      ...Object.fromEntries(alone),
      'all.cpp': `${headers.join('')}int main() { return 0; }\n`,
    });
    expect(small.warnings).toEqual([]);
  },
  BUILD_TIME,
);

test(
  'what has keys, certificates or a hash that is not there compiles, and is an error of the link by its name',
  async () => {
    const main = `#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/rsa.h>
#include <wolfssl/wolfcrypt/sha3.h>
#include <wolfssl/wolfcrypt/signature.h>
int main(void)
{
    ecc_key key;
    RsaKey rsa;
    wc_Sha3 hash;
    DecodedCert certificate;
    WC_RNG rng;
    word32 index = 0;
    byte der[ECC_BUFSIZE];
    int result = wc_InitRng(&rng);
    result += wc_ecc_init(&key) + wc_ecc_make_key_ex(&rng, 32, &key, ECC_SECP256R1);
    result += wc_RsaPrivateKeyDecode(der, &index, &rsa, sizeof(der));
    result += wc_InitSha3_256(&hash, NULL, INVALID_DEVID);
    result += wc_SignatureGetSize(WC_SIGNATURE_TYPE_ECC, &key, sizeof(key));
    wc_InitDecodedCert(&certificate, der, sizeof(der), NULL);
    return result + wc_ParseCert(&certificate, CERT_TYPE, NO_VERIFY, NULL);
}
`;
    const error = (await buildOf({ 'main.c': main }).catch((thrown: unknown) => thrown)) as Error;
    const missing = [...error.message.matchAll(/undefined symbol: (\S+) \(called in main\.c\)/g)].map(
      ([, name]) => name,
    );
    expect(missing.toSorted()).toEqual([
      'wc_InitDecodedCert',
      'wc_InitSha3_256',
      'wc_ParseCert',
      'wc_RsaPrivateKeyDecode',
      'wc_SignatureGetSize',
      'wc_ecc_init',
      'wc_ecc_make_key_ex',
    ]);
    expect(error.message).toContain('only the calls of wolfSSL that public apps make');
  },
  BUILD_TIME,
);
