import type { OutageOptions } from '../../src/transport/index.js';
import type { ScenarioCloud } from './scenario-cloud.js';

/** What the services do in a scenario of scenarios/*.c, which is called by the same name. */
export interface Script {
  /** Before it begins. */
  readonly prepare?: (world: ScenarioCloud) => void;
  /** How a proxy answers that can be gone through. */
  readonly proxy?: string;
  /** Whether the network fails: what is between the native side and the cloud takes its time, too. */
  readonly networkFails?: true;
  /** When it asks for it. What comes of a promise is told. */
  readonly asked?: Readonly<Record<string, (world: ScenarioCloud) => unknown>>;
  /** The faults that it asks for strike nothing: the device does not come again. */
  readonly strikesNothing?: true;
  /** In the place of the one with the right key. */
  readonly connectionString?: (world: ScenarioCloud) => string;
}

const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';
const WRONG_KEY = Buffer.alloc(32, 8).toString('base64');

const drop = ({ hubDevice }: ScenarioCloud): void => hubDevice.disconnect();

function refuse(world: ScenarioCloud, times: number): void {
  world.cloud.faults.add({ kind: 'connack', code: 3, service: 'hub', times });
}

const refuseTwice = {
  asked: {
    'drop, and refuse twice': (world: ScenarioCloud) => {
      refuse(world, 2);
      drop(world);
    },
  },
};

const method = {
  asked: {
    'call method': ({ hubDevice }: ScenarioCloud) => hubDevice.invokeMethod('start', { speed: 3 }),
  },
};

const message = {
  asked: {
    'send message': ({ hubDevice }: ScenarioCloud) => {
      hubDevice.sendC2D('turn left', {
        messageId: 'message 1',
        correlationId: 'correlation 1',
        properties: { urgency: 'high & mighty' },
      });
    },
  },
};

const dropAt = (packet: 'connect' | 'subscribe' | 'publish', after = 0): Script => ({
  prepare: ({ cloud }) => cloud.faults.add({ kind: 'drop', packet, after, service: 'hub' }),
});

const connack = (code: 1 | 2 | 3 | 4 | 5): Script => ({
  prepare: ({ cloud }) => cloud.faults.add({ kind: 'connack', code, service: 'hub', times: Infinity }),
});

const dps = (status: number, more: object = {}): Script => ({
  prepare: ({ cloud }) => cloud.faults.add({ kind: 'dpsError', status, ...more }),
});

const MINUTE = 60_000;

/** The network fails when a scenario asks for it; the desired properties change meanwhile. */
const outage = (
  ms: number,
  options: OutageOptions,
  also: (world: ScenarioCloud) => void = () => undefined,
): Script => ({
  networkFails: true,
  asked: {
    'lose the network': async (world) => {
      const over = world.network.outage(ms, options);
      world.hubDevice.updateDesired({ missed: 1 });
      also(world);
      await over;
    },
    'update desired': ({ hubDevice }) => void hubDevice.updateDesired({ later: 1 }),
  },
});

/** A name in C, or that name and a variation of the services. */
export const SCRIPTS: Readonly<Record<string, Script>> = {
  'connect with a certificate': {},
  'connect with a key': {},
  WebSocket: {},
  'WebSocket with a certificate': {},
  'bad connection strings': {},
  'refused, wrong key': { connectionString: (world) => world.connectionString(WRONG_KEY) },
  'refused, unknown device': { connectionString: (world) => world.connectionString(WRONG_KEY, 'nobody') },
  'refused, CONNACK 1': connack(1),
  'refused, CONNACK 2': connack(2),
  'refused, CONNACK 3': connack(3),
  'refused, CONNACK 4': connack(4),
  'refused, CONNACK 5': connack(5),
  'refused, disabled': {
    prepare: ({ cloud }) => void cloud.hub().devices.update('key-device', { enabled: false }),
  },
  'retry: none': { ...refuseTwice, strikesNothing: true },
  'retry: immediate': refuseTwice,
  'retry: interval': refuseTwice,
  'retry: linear backoff': refuseTwice,
  'retry: exponential backoff': refuseTwice,
  'retry: exponential backoff with jitter': refuseTwice,
  'retry: random': refuseTwice,
  'retry: time limit': {
    asked: {
      'drop, and refuse always': (world) => {
        refuse(world, Infinity);
        drop(world);
      },
    },
  },
  'dropped, at CONNECT': dropAt('connect'),
  'dropped, at SUBSCRIBE': dropAt('subscribe'),
  'dropped, at the first PUBLISH': dropAt('publish'),
  'dropped, at the third PUBLISH': dropAt('publish', 2),
  'dropped, before TLS': { prepare: ({ cloud }) => cloud.faults.add({ kind: 'refuseTls' }) },
  'taken over': { asked: { 'take over': ({ cloud }) => cloud.faults.add({ kind: 'takeOver', service: 'hub' }) } },
  'keep-alive': {},
  'keep-alive, unanswered': {
    asked: { 'half-open': ({ cloud }) => cloud.faults.add({ kind: 'halfOpen', service: 'hub' }) },
  },
  'outage, half-open': outage(5 * MINUTE, { kind: 'halfOpen' }),
  'outage, half-open with messages under way': outage(5 * MINUTE, { kind: 'halfOpen' }),
  'outage, down': outage(290_000, {}),
  'outage, down with messages under way': outage(5 * MINUTE, {}),
  'outage, short with messages under way': outage(12_000, {}),
  // It tries every five seconds: the end lies between.
  'outage, DNS': outage(4 * MINUTE + 2500, { kind: 'dns' }, drop),
  'options, then callbacks': {},
  'callbacks, then options': {},
  'options when connected': { asked: { drop } },
  'nothing set': {},
  'destroyed at once': {},
  'destroyed while sending': {},
  'two clients': {},
  proxy: { proxy: ESTABLISHED }, // which MQTT does not make use of
  'proxy and WebSocket, with a password': { proxy: ESTABLISHED },
  'proxy and WebSocket': { proxy: ESTABLISHED },
  'proxy and WebSocket, refused': { proxy: 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n' },

  sizes: {},
  'too large': {},
  'system properties': {},
  'each property': {},
  'plain properties': {},
  'encoded properties': {},
  'security message': {},
  'many messages': {},
  'sent before it is connected': {},
  'message that times out': {
    asked: { 'lose PUBACKs': ({ cloud }) => cloud.faults.add({ kind: 'lostPuback', times: Infinity }) },
  },
  'message that is sent again': {
    asked: { 'lose a PUBACK': ({ cloud }) => cloud.faults.add({ kind: 'lostPuback' }) },
  },

  twin: { asked: { 'update desired': ({ hubDevice }) => void hubDevice.updateDesired({ lamp: { on: true } }) } },
  'twin, refused': {
    asked: { 'refuse reports': ({ cloud }) => cloud.faults.add({ kind: 'twinError', status: 429, request: 'report' }) },
  },
  'twin, often': {},
  'twin, across a loss': {
    asked: {
      'drop, and update desired': (world) => {
        drop(world);
        world.hubDevice.updateDesired({ missed: 1 });
      },
    },
  },
  unsubscribes: {},
  'method: 200': method,
  'method: 404': method,
  'method: 500': method,
  'method: -1': method,
  'method without a response': method,
  'method with an empty response': method,
  'method whose response is no JSON': method,
  'message: accepted': message,
  'message: rejected': message,
  'message: abandoned': message,
  'message: answered later': message,
  'message: answered while another waits': message,
  'messages that waited': {
    asked: {
      'send three messages': ({ hubDevice }) => {
        for (const body of ['one', 'two', 'three']) hubDevice.sendC2D(body);
      },
    },
  },
  'message and answer': message,

  'registration by certificate': {},
  'registration by certificate, assigning': {
    prepare: ({ cloud }) => cloud.faults.add({ kind: 'dpsAssigning', polls: 3 }),
  },
  'registration by certificate, disabled': { prepare: ({ cloud }) => cloud.faults.add({ kind: 'dpsDisabled' }) },
  'registration by certificate, not enrolled': {
    prepare: ({ cloud }) => cloud.dps.enrollmentGroups.delete('devices'),
  },
  'registration by certificate, 400': dps(400),
  'registration by certificate, 401': dps(401),
  'registration by certificate, 404': dps(404),
  'registration by certificate, 409': dps(409),
  'registration by certificate, 429': dps(429, { retryAfterSeconds: 5 }),
  'registration by certificate, 429 to a poll': dps(429, { retryAfterSeconds: 7, request: 'poll' }),
  'registration by certificate, 500': dps(500),
  'registration by certificate, 503 twice': dps(503, { times: 2, retryAfterSeconds: 3 }),
  'registration by key': {},
  'registration over a WebSocket': {},
  'registration by key over a WebSocket': {},
  'registration with a payload': {},
  'registration with a time-out, unanswered': {
    prepare: ({ cloud }) => cloud.faults.add({ kind: 'dpsSilence', times: Infinity }),
  },
  'registration, then connection': {},
  'registration twice': {},
};

/** What the name of a script is called in C: what stands before its last comma where C has not the whole. */
export function scenarioOf(script: string, known: ReadonlySet<string>): string {
  if (known.has(script)) return script;
  const shorter = script.slice(0, script.lastIndexOf(','));
  if (!known.has(shorter)) throw new Error(`scenarios/*.c has neither ${script} nor ${shorter}`);
  return shorter;
}
