// A client of AMQP on rhea, over TLS in the process or whatever stream it is given, that does exactly what it is told.
import type { Duplex } from 'node:stream';

import rhea, {
  type Connection,
  type ConnectionOptions,
  type EventContext,
  type Message,
  type Receiver,
  type Sender,
} from 'rhea';

import { HUB, sasToken, type World } from './support.js';

export const AMQPS = 5671;
const HOUR = 3_600_000;

export interface Refused {
  readonly condition: string;
  readonly description: string;
  readonly info?: Record<string, unknown>;
}

/** How a delivery ended, or with which error it was rejected. */
export type Outcome = 'accepted' | 'released' | Refused;

export class AmqpClient {
  readonly connection: Connection;
  /** What ended the connection. */
  error: Refused | undefined;
  isClosed = false;
  readonly #world: World;
  readonly #closed: Promise<void>;
  readonly #asked = new Map<string, [Receiver, Sender]>();

  constructor(world: World, stream: Duplex, options: Partial<ConnectionOptions> = {}) {
    this.#world = world;
    this.connection = rhea.create_container().create_connection({
      ...{ host: HUB, hostname: HUB, reconnect: false },
      ...options,
      connect: (_port: number, _host: string, _options: unknown, connected: () => void) => {
        process.nextTick(connected);
        return stream;
      },
    } as never);
    stream.on('end', () => stream.end()).on('error', () => undefined);
    this.#closed = new Promise((resolve) =>
      stream.on('close', () => {
        this.isClosed = true;
        resolve();
      }),
    );
    this.connection.on('connection_error', ({ error }: EventContext) => (this.error ??= error as never));
    for (const quiet of [
      'connection_close',
      'disconnected',
      'sender_error',
      'receiver_error',
      'session_close',
      'error',
    ])
      this.connection.on(quiet as never, () => undefined);
  }

  /** Resolves once both sides are open; rejects with what the service closed it with. */
  async open(): Promise<this> {
    const opened = new Promise<void>((resolve, reject) => {
      this.connection.once('connection_open' as never, () => resolve());
      this.connection.once('connection_close' as never, ({ error }: EventContext) => reject(error));
      this.connection.once('disconnected' as never, ({ error }: EventContext) => reject(error ?? new Error('closed')));
    });
    this.connection.connect();
    await this.#world.run(opened);
    return this;
  }

  /** Puts a token; resolves with the answer's status and description. */
  async putToken(audience: string, token: string, replyTo: string | undefined = 'cbs'): Promise<[number, string]> {
    const answer = await this.request('$cbs', {
      application_properties: { operation: 'put-token', type: 'servicebus.windows.net:sastoken', name: audience },
      body: token,
      ...(replyTo === undefined ? {} : { reply_to: replyTo }),
    });
    const { 'status-code': status, 'status-description': description } = answer.application_properties as never;
    return [status, description];
  }

  /** Asks a node and waits for its answer. */
  async request(address: string, message: object): Promise<Message> {
    let links = this.#asked.get(address);
    if (links === undefined) {
      links = [await this.receiver(address, { credit: 1000 }), (await this.sender(address)).link];
      this.#asked.set(address, links);
    }
    const [receiver, sender] = links;
    const answer = this.next(receiver);
    sender.send({ message_id: 'm-1', to: address, ...message } as never);
    const { message: answered } = await answer;
    return answered as Message;
  }

  /** A link to an address; rejects with what it is refused with. */
  async sender(target: string | undefined, options: object = {}) {
    const link = this.connection.open_sender({ target: { address: target }, ...options } as never);
    await this.#attached(link, 'sender');
    const waiting = new Map<unknown, (outcome: Outcome) => void>();
    const tell = (event: string, outcome: (delivery: Rejected) => Outcome): void =>
      void link.on(event as never, ({ delivery }: { delivery: Rejected }) =>
        waiting.get(delivery)?.(outcome(delivery)),
      );
    tell('accepted', () => 'accepted');
    tell('released', () => 'released');
    tell('rejected', ({ remote_state: { error } }) => plain(error));
    const send = (message: object): Promise<Outcome> =>
      this.#world.run(new Promise((resolve) => waiting.set(link.send(message as never), resolve)));
    return { link, send };
  }

  async receiver(address: string, { credit = 10, ...options }: { credit?: number } & Record<string, unknown> = {}) {
    const source = { address, filter: options['filter'] };
    const link = this.connection.open_receiver({ credit_window: 0, autoaccept: false, ...options, source } as never);
    await this.#attached(link, 'receiver');
    link.add_credit(credit);
    return link;
  }

  /** The next message of a link; not settled. */
  next(receiver: Receiver): Promise<EventContext> {
    return this.#world.run(coming(receiver));
  }

  /** Resolves once the connection is gone. */
  closed(): Promise<void> {
    return this.#world.run(this.#closed);
  }

  close(): Promise<void> {
    return this.#world.run(
      new Promise((resolve) => {
        this.connection.once('connection_close' as never, () => resolve());
        this.connection.once('disconnected' as never, () => resolve());
        this.connection.close();
      }),
    );
  }

  #attached(link: Sender | Receiver, kind: string): Promise<void> {
    return this.#world.run(
      new Promise((resolve, reject) => {
        // A refused link is attached, without a terminus, and detached at once.
        link.once(`${kind}_open` as never, () => setImmediate(() => setImmediate(resolve)));
        link.once(
          `${kind}_error` as never,
          (({ sender, receiver }: { sender?: never; receiver?: never }) =>
            reject(plain((sender ?? receiver)!['error'] as never))) as never,
        );
        this.connection.once('connection_close' as never, ({ error }: EventContext) => reject(error));
      }),
    );
  }
}

interface Rejected {
  readonly remote_state: { readonly error: Refused };
}

/** What the service ends a link with; the clock stands. */
export function detached(link: Sender | Receiver): Promise<Refused> {
  return new Promise((resolve) => {
    link.once('sender_error' as never, ({ sender }: EventContext) => resolve(plain(sender!.error as never)));
    link.once('receiver_error' as never, ({ receiver }: EventContext) => resolve(plain(receiver!.error as never)));
  });
}

/** The next message of a link; the clock stands. */
export function coming(receiver: Receiver): Promise<EventContext> {
  return new Promise((resolve) => receiver.once('message' as never, resolve));
}

function plain({ condition, description, info }: Refused): Refused {
  return { condition, description, ...(info ? { info } : {}) };
}

/** A client on which AMQP is open, and no token was put. */
export async function amqpClient(world: World, options: Partial<ConnectionOptions> = {}): Promise<AmqpClient> {
  const client = new AmqpClient(world, await world.secure(options.hostname ?? HUB, AMQPS), options);
  return client.open();
}

/** A token of a policy for a resource of the hub. */
export function tokenOf(world: World, { policy = 'iothubowner', resource = HUB, expiresIn = HOUR } = {}): string {
  const { primaryKey } = world.hub.policies.get(policy).keys;
  return sasToken(primaryKey, resource, world.clock.now() + expiresIn, { keyName: policy });
}

/** A client that has put a token for all of the hub. */
export async function backEnd(world: World, policy = 'service'): Promise<AmqpClient> {
  const client = await amqpClient(world);
  expect(await client.putToken(HUB, tokenOf(world, { policy }))).toEqual([200, 'OK']);
  return client;
}
