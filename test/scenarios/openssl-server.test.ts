// A TLS server that is not ours: the C SDK over a real socket and real time, against a stock openssl s_server, which says
// what it got.
import { execFile, spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import {
  Catalog,
  CertificateAuthority,
  CertificateStore,
  DAA_ID,
  type Credential,
} from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { Pump } from '../../src/device/index.js';
import {
  createSdk,
  IOTHUB_CLIENT_CONNECTION_STATUS_REASON,
  IOTHUB_SECURITY_TYPE,
  type IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  type Sdk,
} from '../../src/sdk/index.js';
import { HUB, keyPem, made } from '../support/sphere.js';

/** OpenSSL 3 lets nobody speak TLS 1.0 and 1.1 unless it is told that no security is wanted. */
const INSECURE = ['-cipher', 'ALL:@SECLEVEL=0'];
/** The first bytes of what the SDK sends once the connection stands, as the server prints it. */
const CONNECT = /MQTT/;

/** The server's side of one test. */
interface OpensslServer {
  readonly port: number;
  /** All that it has said. */
  output(): string;
  /** Waits until it has said that. */
  said(what: RegExp): Promise<void>;
}

const { stdout, stderr } = spawnSync('openssl', ['s_server', '-help'], { encoding: 'utf8' });
const canCompress = (stdout + stderr).includes('-no_rx_cert_comp');

describe('a stock openssl s_server', () => {
  let folder: string;
  let servers: CertificateAuthority;
  let process: ChildProcessWithoutNullStreams | undefined;
  let pump: Pump | undefined;
  let sdk: Sdk | undefined;

  beforeAll(async () => {
    servers = await CertificateAuthority.create({ subject: { commonName: 'Server CA' }, clock: realClock });
  });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sphere-iot-openssl-'));
  });

  afterEach(async () => {
    pump?.close();
    sdk?.close();
    if (process !== undefined && process.exitCode === null && process.signalCode === null) {
      const gone = once(process, 'exit');
      process.kill();
      await gone;
    }
    await rm(folder, { recursive: true });
  });

  const file = (name: string): string => path.join(folder, name);

  /** On a port that the server itself chooses. */
  async function startServer(args: string[], identity?: Credential): Promise<OpensslServer> {
    const { chain, ...rest } = identity ?? (await servers.issue({ commonName: HUB, usage: 'server' }));
    await writeFile(file('server.pem'), chain);
    await writeFile(file('server.key'), keyPem({ chain, ...rest }), { mode: 0o600 });
    const pair = ['-cert', file('server.pem'), '-key', file('server.key')];
    // The second pair is what makes it print the name that it is asked for.
    const named = ['-servername', HUB, '-cert2', file('server.pem'), '-key2', file('server.key')];
    // Where OpenSSL can compress certificates, as Debian 13's, -msg would show what it was sent.
    const plain = canCompress ? ['-no_rx_cert_comp'] : [];
    const child = spawn('openssl', [
      's_server',
      '-accept',
      '127.0.0.1:0',
      ...pair,
      ...named,
      '-msg',
      ...plain,
      ...args,
    ]);
    process = child;
    let output = '';
    const said = (what: RegExp): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => (what.test(output) ? resolve() : undefined);
        look();
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.on('error', reject);
        child.on('exit', () => reject(new Error(`openssl ended before it said ${String(what)}: ${output}`)));
      });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
    const listening = /ACCEPT 127\.0\.0\.1:(\d+)/;
    await said(listening);
    return { port: Number(listening.exec(output)?.[1]), output: () => output, said };
  }

  /** An instance of the SDK whose DAA certificate is `credential`. */
  async function startSdk({ port }: OpensslServer, credential: Credential): Promise<Sdk> {
    const store = new CertificateStore();
    store.install(DAA_ID, credential);
    sdk = await createSdk({
      store,
      trustRoots: servers.pem,
      resolve: (name, at) => (name === HUB && at === 8883 ? { kind: 'tcp', host: '127.0.0.1', port } : undefined),
    });
    pump = new Pump(sdk, { idleMs: 20 });
    return sdk;
  }

  function createHub(device: Sdk, { commonName }: Credential): IOTHUB_DEVICE_CLIENT_LL_HANDLE {
    expect(device.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509)).toBe(0);
    return made(device.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, commonName, device.MQTT_Protocol));
  }

  /** Has the pump open the connection; resolves with the first thing that the SDK reports of it. */
  function reported(device: Sdk, hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE): Promise<string | undefined> {
    return new Promise((resolve) => {
      device.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, (_, reason) =>
        resolve(IOTHUB_CLIENT_CONNECTION_STATUS_REASON[reason]),
      );
      pump?.add(hub);
    });
  }

  describe.each([
    ['-tls1_2', 'TLSv1.2'],
    ['-tls1_3', 'TLSv1.3'],
  ])('with %s', (option, protocol) => {
    /** A server that lets in who descends from `root`, and nobody else. */
    async function startVerifying(root: string): Promise<OpensslServer> {
      await writeFile(file('ca.pem'), root);
      return startServer([option, '-Verify', '5', '-verify_return_error', '-CAfile', file('ca.pem')]);
    }

    test('gets the name, and the DAA certificate with its issuers in order and without the root', async () => {
      const catalog = await Catalog.create({ clock: realClock });
      const credential = await catalog.attest(catalog.claim());
      const server = await startVerifying(catalog.chain.at(-1) as string);
      const device = await startSdk(server, credential);
      const hub = createHub(device, credential);
      pump?.add(hub);
      await server.said(CONNECT);
      expect(server.output()).toContain(`Hostname in TLS extension: "${HUB}"`);
      expect(server.output()).toMatch(protocol === 'TLSv1.3' ? /CIPHER is TLS_/ : /CIPHER is ECDHE-/);
      expect(server.output()).not.toMatch(/verify error/);
      expect(clientChain(server.output(), protocol)).toEqual(
        [credential.leaf, ...catalog.chain.slice(0, 2)].map(String),
      );
      // The SDK's CONNECT, in the clear behind the TLS of the server.
      expect(server.output()).toContain(`${HUB}/${credential.commonName}/?api-version=`);
      device.IoTHubDeviceClient_LL_Destroy(hub);
      await server.said(/shutting down SSL/);
    });

    test('gets a custom chain in order, however it was given', async () => {
      const root = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock: realClock });
      const plant = await CertificateAuthority.create({
        subject: { commonName: 'Plant' },
        clock: realClock,
        issuer: root,
      });
      const line = await CertificateAuthority.create({
        subject: { commonName: 'Line' },
        clock: realClock,
        issuer: plant,
      });
      const custom = await line.issue({ commonName: 'kettle-0042' });
      const server = await startVerifying(root.pem);
      const daa = await servers.issue({ commonName: 'another' });
      const device = await startSdk(server, daa);
      const hub = createHub(device, custom);
      const given = [root.pem, plant.pem, custom.leaf.toString(), line.pem].join('');
      expect(device.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, given, keyPem(custom))).toBe(0);
      pump?.add(hub);
      await server.said(CONNECT);
      expect(clientChain(server.output(), protocol)).toEqual([custom.leaf.toString(), line.pem, plant.pem]);
      device.IoTHubDeviceClient_LL_Destroy(hub);
    });
  });

  test.each(['-tls1', '-tls1_1'])('is refused with %s', async (option) => {
    const credential = await servers.issue({ commonName: 'kettle-0042' });
    const server = await startServer([option, ...INSECURE]);
    const device = await startSdk(server, credential);
    const hub = createHub(device, credential);
    expect(await reported(device, hub)).toBe('IOTHUB_CLIENT_CONNECTION_NO_NETWORK');
    expect(device.diagnostics[0]).toMatchObject({ handle: hub, code: 'CONNECTION_FAILED' });
    await server.said(/unsupported protocol/);
    expect(server.output()).not.toMatch(CONNECT);
    device.IoTHubDeviceClient_LL_Destroy(hub);
    // It is the device that does not want to: another client does.
    const client = ['s_client', '-connect', `127.0.0.1:${server.port}`, option, ...INSECURE];
    const asking = promisify(execFile)('openssl', client);
    asking.child.stdin?.end();
    expect((await asking).stdout).toMatch(/Protocol *: TLSv1/);
  });

  describe('gets no CONNECT where', () => {
    const identities: [string, string, () => Promise<Credential>][] = [
      [
        'its root is unknown',
        'SERVER_NOT_TRUSTED',
        async () => {
          // The trusted one's name, and another key.
          const stranger = await CertificateAuthority.create({ subject: servers.subject, clock: realClock });
          return stranger.issue({ commonName: HUB, usage: 'server' });
        },
      ],
      [
        'it has another name',
        'SERVER_NAME_MISMATCH',
        () => servers.issue({ commonName: 'fabrikam.azure-devices.net', usage: 'server' }),
      ],
      [
        'its certificate is expired',
        'SERVER_NOT_TRUSTED',
        () => servers.issue({ commonName: HUB, usage: 'server', validityMs: -60_000 }),
      ],
      [
        'its certificate is for clients',
        'SERVER_NOT_TRUSTED',
        () => servers.issue({ commonName: HUB, usage: 'client', subjectAltNames: [HUB] }),
      ],
    ];
    const cases = identities.flatMap(([what, ...rest]) =>
      ['-tls1_2', '-tls1_3'].map((option) => [`${what}, ${option}`, option, ...rest] as const),
    );
    test.each(cases)('%s', async (_, option, code, identity) => {
      const credential = await servers.issue({ commonName: 'kettle-0042' });
      const server = await startServer([option], await identity());
      const device = await startSdk(server, credential);
      const hub = createHub(device, credential);
      expect(await reported(device, hub)).toBe('IOTHUB_CLIENT_CONNECTION_NO_NETWORK');
      expect(device.diagnostics[0]).toMatchObject({ handle: hub, code });
      await server.said(/shutting down SSL/);
      expect(server.output()).not.toMatch(CONNECT);
      device.IoTHubDeviceClient_LL_Destroy(hub);
      expect(device.inUse).toEqual({ handles: [], callbacks: 0, sockets: 0 });
    });
  });
});

/** The certificates of the client's Certificate message, as PEM, out of the dump that `-msg` makes (RFC 5246, 7.4.2; RFC 8446, 4.4.2). */
function clientChain(output: string, protocol: string): string[] {
  const dump = /<<< TLS 1\.\d, Handshake \[length [0-9a-f]+\], Certificate\n((?: {4}[0-9a-f ]+\n)+)/.exec(output)?.[1];
  const message = Buffer.from((dump ?? '').replace(/\s/g, ''), 'hex');
  const tls13 = protocol === 'TLSv1.3';
  // Type and length; TLS 1.3 has a context, which is empty here.
  let at = tls13 ? 5 : 4;
  const end = at + 3 + message.readUIntBE(at, 3);
  at += 3;
  const chain: string[] = [];
  while (at < end) {
    const length = message.readUIntBE(at, 3);
    chain.push(new X509Certificate(message.subarray(at + 3, at + 3 + length)).toString());
    at += 3 + length;
    // Each with its extensions.
    if (tls13) at += 2 + message.readUInt16BE(at);
  }
  return chain;
}
