import { createHmac } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';

import { createWebSocketStream, WebSocket } from 'ws';

import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';

import { defined } from '../../src/defined.js';
import { CertificateAuthority, type Credential } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure, type CloudEvent, type LocalAzureOptions } from '../../src/emulator/index.js';
import { createDuplexPair } from '../../src/transport/duplex-pair.js';

export const HUB = 'contoso.azure-devices.net';
export const DPS = 'global.azure-devices-provisioning.net';

type Cmd = Packet['cmd'];
type PacketOf<C extends Cmd> = Extract<Packet, { cmd: C }>;

/** An MQTT client that does exactly what it is told, over TLS in the process or what is on it. */
export class RawClient<S extends Duplex = Duplex> {
  readonly received: Packet[] = [];
  /** Everything that came after TLS. */
  readonly bytes: Buffer[] = [];
  isClosed = false;
  readonly socket: S;
  readonly #world: World;
  #wake: () => void = () => undefined;
  #packetId = 0;

  constructor(world: World, socket: S) {
    this.#world = world;
    this.socket = socket;
    const incoming = parser({ protocolVersion: 4 });
    incoming.on('packet', (packet) => {
      this.received.push(packet);
      this.#wake();
    });
    socket.on('data', (bytes: Buffer) => {
      this.bytes.push(bytes);
      incoming.parse(bytes);
    });
    // The in-process pair allows half-open connections, and TLS over it too.
    socket.on('end', () => socket.end());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  send(...packets: Packet[]): void {
    this.socket.write(Buffer.concat(packets.map((packet) => generate(packet))));
  }

  /** Takes the next packet of that kind. */
  next<C extends Cmd>(cmd: C): Promise<PacketOf<C>> {
    return this.#world.run(
      this.#until(() => {
        const index = this.received.findIndex((packet) => packet.cmd === cmd);
        if (index >= 0) return this.received.splice(index, 1)[0] as PacketOf<C>;
        if (this.isClosed) throw new Error(`closed before ${cmd}`);
        return undefined;
      }),
    );
  }

  closed(): Promise<true> {
    return this.#world.run(this.#until(() => this.isClosed || undefined));
  }

  async connect(options: Partial<IConnectPacket>): Promise<PacketOf<'connack'>> {
    this.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: '', ...options });
    return this.next('connack');
  }

  async subscribe(topic: string, qos: 0 | 1 | 2 = 0): Promise<unknown> {
    this.send({ cmd: 'subscribe', messageId: ++this.#packetId, subscriptions: [{ topic, qos }] });
    return (await this.next('suback')).granted[0];
  }

  publish(topic: string, payload: string | Buffer = '', qos: 0 | 1 | 2 = 0, retain = false): void {
    const messageId = qos === 0 ? {} : { messageId: ++this.#packetId };
    this.send({ cmd: 'publish', topic, payload, qos, dup: false, retain, ...messageId });
  }

  acknowledge({ messageId = 0 }: PacketOf<'publish'>): void {
    this.send({ cmd: 'puback', messageId });
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const value = look();
      if (value !== undefined) return value;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** An emulator on a virtual clock, with a CA that its DPS and hub can be told to trust. */
export class World {
  readonly clock: VirtualClock;
  readonly azure: LocalAzure;
  readonly ca: CertificateAuthority;
  /** Whether its clients speak MQTT over WebSocket. */
  webSocket = false;
  readonly #clients: { readonly socket: Duplex }[] = [];

  private constructor(clock: VirtualClock, azure: LocalAzure, ca: CertificateAuthority) {
    this.clock = clock;
    this.azure = azure;
    this.ca = ca;
  }

  static async create(options: LocalAzureOptions = {}): Promise<World> {
    const clock = new VirtualClock();
    const azure = await LocalAzure.start({ clock, ...options });
    return new World(clock, azure, await CertificateAuthority.create({ subject: { commonName: 'Test CA' }, clock }));
  }

  /** Moves the clock only if a timer is needed for it: what comes by itself comes at once. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.clock.runUntil(promise);
  }

  get hub() {
    return this.azure.hub();
  }

  /** Trusted and verified by DPS, with an enrollment group. */
  async enroll(ca = this.ca): Promise<void> {
    const { certificates, enrollmentGroups } = this.azure.dps;
    certificates.upload('ca', ca.certificate);
    certificates.verify('ca', await ca.proofOfPossession(certificates.generateVerificationCode('ca')));
    enrollmentGroups.create({ id: 'group', attestation: { x509: { caName: 'ca' } } });
  }

  /** A device of the hub, by its thumbprint. */
  async device(deviceId: string, validityMs?: number): Promise<Credential> {
    const credential = await this.ca.issue({
      commonName: deviceId,
      ...defined({ validityMs }),
    });
    this.hub.devices.create({
      deviceId,
      authentication: { type: 'selfSigned', thumbprints: { primary: credential.leaf.fingerprint } },
    });
    return credential;
  }

  /** A client on which nothing was said yet, by MQTT or by MQTT over WebSocket. */
  async open(name: string, credential?: Credential, tls: object = {}): Promise<RawClient> {
    if (!this.webSocket) return this.client(await this.secure(name, 8883, credential, tls));
    const socket = await upgrade(await this.secure(name, 443, credential, tls));
    return this.client(createWebSocketStream(socket));
  }

  /** An MQTT client on a connection that stands; it is closed with the world. */
  client<S extends Duplex>(socket: S): RawClient<S> {
    const client = new RawClient(this, socket);
    this.#clients.push(client);
    return client;
  }

  /** A TLS connection on which nothing was said yet. */
  async secure(name: string, port: number, credential?: Credential, tls: object = {}): Promise<TLSSocket> {
    const endpoint = this.azure.resolve(name, port);
    if (endpoint?.kind !== 'in-process') throw new Error(`${name} is not there`);
    const [ours, theirs] = createDuplexPair(this.clock);
    const socket = connectTls({
      socket: ours,
      servername: name,
      ca: this.azure.trustRoots,
      ...(credential === undefined
        ? {}
        : { cert: credential.chain, key: credential.privateKey.export({ type: 'pkcs8', format: 'pem' }) }),
      ...tls,
    });
    const secure = new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    endpoint.accept(theirs);
    await secure;
    return socket;
  }

  /** Connected to the hub; not by `clean`: with a session that is kept. */
  async online(credential: Credential, options: Partial<IConnectPacket> = {}): Promise<RawClient> {
    const client = await this.open(HUB, credential);
    const connack = await client.connect(hubConnect(credential.commonName, options));
    expect(connack.returnCode).toBe(0);
    return client;
  }

  async close(): Promise<void> {
    await this.azure.close();
    for (const { socket } of this.#clients) socket.destroy();
    // Where a timer of the emulator was left, this would be refused with another code.
    const nothing = new Promise<void>(() => undefined);
    await expect(this.clock.runUntil(nothing)).rejects.toMatchObject({ code: 'CLOCK_STALLED' });
  }
}

export const WEBSOCKET_PATH = '/$iothub/websocket';

/** A WebSocket over TLS; rejects with the status where it is refused. */
export function upgrade(secure: TLSSocket, path = WEBSOCKET_PATH, protocols: string[] = ['mqtt']): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${HUB}${path}`, protocols, { createConnection: () => secure as never });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.on('unexpected-response', (_, response) => reject(new Error(`status ${response.statusCode}`)));
    socket.on('error', reject);
  });
}

/** What the C SDK says in its CONNECT (protocol.md#hub-connect), but for the keepalive. */
export function hubConnect(deviceId: string, options: Partial<IConnectPacket> = {}): Partial<IConnectPacket> {
  return {
    clientId: deviceId,
    username: `${HUB}/${deviceId}/?api-version=2020-09-30&DeviceClientType=iothubclient%2F1.14.0`,
    keepalive: 0,
    clean: false,
    ...options,
  };
}

/** What the C SDK says in its CONNECT to DPS (protocol.md#dps-connect). */
export function dpsConnect(
  idScope: string,
  registrationId: string,
  options: Partial<IConnectPacket> = {},
): Partial<IConnectPacket> {
  return {
    clientId: registrationId,
    username: `${idScope}/registrations/${registrationId}/api-version=2021-06-01&ClientVersion=1.14.0`,
    keepalive: 0,
    ...options,
  };
}

export interface SasOptions {
  readonly keyName?: string;
  /** Default: as clients for Node write it. */
  readonly encode?: (resource: string) => string;
}

/** A SAS token, as clients make it (protocol.md#sas-tokens). */
export function sasToken(key: string, resource: string, expiresAt: number, options: SasOptions = {}): string {
  const { encode = encodeURIComponent, keyName } = options;
  const sr = encode(resource);
  const se = Math.floor(expiresAt / 1000);
  const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(`${sr}\n${se}`).digest('base64');
  const skn = keyName === undefined ? '' : `&skn=${keyName}`;
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${se}${skn}`;
}

/** What the servers in front of DPS and the hubs saw, oldest first. */
export function frontEvents({ azure }: Pick<World, 'azure'>): readonly CloudEvent[] {
  return azure.events().filter(({ service }) => service === 'front');
}
