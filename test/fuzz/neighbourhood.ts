// A device that does everything right, beside one that does not: nothing may happen to it.
import type { Duplex } from 'node:stream';

import { createWebSocketStream } from 'ws';

import { CertificateAuthority, type Credential } from '../../src/certificates/index.js';
import { atDps, put } from '../emulator/dps-device.js';
import { upgrade, World, type RawClient } from '../emulator/support.js';
import { changed, sendInPieces, type Mangling } from './mangle.js';

/** Who does nothing wrong. */
export const NEIGHBOUR = 'device-2';
/** Who attacks with a credential that is good, for itself. */
export const ATTACKER = 'device-1';
/** In everything that is the neighbour's, and nobody else may see. */
export const SECRET = 'the-secret-of-device-2';

const FILTERS = [
  '$iothub/methods/POST/#',
  '$iothub/twin/res/#',
  '$iothub/twin/PATCH/properties/desired/#',
  `devices/${NEIGHBOUR}/messages/devicebound/#`,
];

/** An emulator with a healthy device, connected to its hub and to DPS, and one whose client is mangled. */
export class Neighbourhood {
  readonly world: World;
  readonly attacker: Credential;
  /** For the neighbour's name, of a CA that nobody knows. */
  readonly forged: Credential;
  readonly neighbour: Credential;
  #hub!: RawClient;
  #dps!: RawClient;
  #admitted: string[] = [];
  readonly #webSocket: boolean;
  #checks = 0;

  private constructor(
    world: World,
    { attacker, neighbour, forged }: { attacker: Credential; neighbour: Credential; forged: Credential },
    webSocket: boolean,
  ) {
    this.world = world;
    this.#webSocket = webSocket;
    this.attacker = attacker;
    this.neighbour = neighbour;
    this.forged = forged;
  }

  /** @param webSocket Whether `open` opens WebSockets. */
  static async create(webSocket = false): Promise<Neighbourhood> {
    const world = await World.create();
    await world.enroll();
    const { clock } = world;
    const stranger = await CertificateAuthority.create({ subject: { commonName: 'Another CA' }, clock });
    const [attacker, neighbour] = [await world.device(ATTACKER), await world.device(NEIGHBOUR)];
    const forged = await stranger.issue({ commonName: NEIGHBOUR });
    const made = new Neighbourhood(world, { attacker, neighbour, forged }, webSocket);
    await made.#moveIn();
    return made;
  }

  close(): Promise<void> {
    return this.world.close();
  }

  /** A connection for MQTT, on which nothing was said yet. */
  async open(name: string, credential: Credential | undefined): Promise<Duplex> {
    const { world } = this;
    if (!this.#webSocket) return world.secure(name, 8883, credential);
    return createWebSocketStream(await upgrade(await world.secure(name, 443, credential)));
  }

  /** Sends mangled bytes on a connection; returns all that was answered, when it is over. */
  async attack(socket: Duplex, bytes: Buffer, { changes, pieces, ending }: Mangling): Promise<Buffer> {
    const answers: Buffer[] = [];
    socket.on('data', (answer: Buffer) => answers.push(answer)).on('error', () => undefined);
    await sendInPieces(socket, changed(bytes, changes), pieces);
    await this.world.clock.advance(0);
    // While the other one is still there.
    await this.#look();
    if (ending === 'end') socket.end();
    else socket.destroy();
    await this.world.clock.advance(0);
    socket.destroy();
    await this.world.clock.advance(0);
    return Buffer.concat(answers);
  }

  /**
   * That the neighbour and the emulator are as they were, and that nobody got in but those of `admitted` since the last call.
   * @param answers All that the attacker was answered.
   * @param admitted Device ids; with `dps:` before registration ids, of which DPS took the CONNECT; with `registered:` before,
   * that it assigned.
   * @returns Who got in.
   */
  async check(answers: Buffer, ...admitted: string[]): Promise<readonly string[]> {
    expect(answers.includes(SECRET)).toBe(false);
    await this.#look();
    const got = this.#admitted;
    this.#admitted = [];
    expect(got.filter((who) => !admitted.includes(who))).toEqual([]);
    return got;
  }

  async #moveIn(): Promise<void> {
    const { world } = this;
    this.#hub = await world.online(this.neighbour);
    for (const filter of FILTERS) await this.#hub.subscribe(filter, 1);
    world.hub.device(NEIGHBOUR).updateTags({ owner: SECRET });
    this.#dps = await atDps(world, this.neighbour);
    world.azure.onEvent((event) => {
      if (event.type === 'connected')
        this.#admitted.push('deviceId' in event ? event.deviceId : `dps:${event.registrationId.toLowerCase()}`);
      if (event.type === 'registered') this.#admitted.push(`registered:${event.registrationId.toLowerCase()}`);
    });
  }

  /** It is connected, hears what is meant for it and nothing else, and is answered. */
  async #look(): Promise<void> {
    const { world } = this;
    const number = ++this.#checks;
    const device = world.hub.device(NEIGHBOUR);
    expect(this.#hub.received).toEqual([]);
    expect(this.#dps.received).toEqual([]);
    device.updateDesired({ secret: SECRET, number });
    const { topic, payload } = await this.#hub.next('publish');
    expect(topic).toBe(`$iothub/twin/PATCH/properties/desired/?$version=${number + 1}`);
    expect(JSON.parse(payload.toString())).toMatchObject({ secret: SECRET, number });
    this.#hub.publish(`devices/${NEIGHBOUR}/messages/events/`, String(number), 1);
    await this.#hub.next('puback');
    // The next one: nobody else's came in between.
    expect((await device.nextTelemetry()).body.toString()).toBe(String(number));
    expect(device.twin).toMatchObject({ reported: {}, tags: { owner: SECRET } });
    const { topic: answer, body } = await put(this.#dps, NEIGHBOUR);
    expect(answer).toBe('$dps/registrations/res/202/?$rid=7&retry-after=3');
    expect(body.status).toBe('assigning');
    // It was its own.
    expect(this.#admitted.pop()).toBe(`registered:${NEIGHBOUR}`);
    expect([this.#hub.isClosed, this.#dps.isClosed]).toEqual([false, false]);
  }
}
