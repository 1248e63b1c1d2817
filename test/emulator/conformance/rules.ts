import type { LocalAzureOptions } from '../../../src/emulator/index.js';
import { frontEvents, World, type RawClient } from '../support.js';

/** One row of the table of what the emulator keeps to. */
export interface Rule {
  /** Section of docs/protocol.md, and a name: `dps-connect.keepalive-0`. */
  readonly rule: string;
  readonly says: string;
  /** Where it comes from: documentation, source of an SDK, an issue, a trace. `option` where no source says it. */
  readonly source: string;
  /** The emulator's, where the rule needs them. */
  readonly options?: LocalAzureOptions;
  check(world: World): Promise<void>;
}

type Transport = 'MQTT' | 'MQTT over WebSocket' | 'HTTPS';

const BY_MQTT: readonly Transport[] = ['MQTT', 'MQTT over WebSocket'];

/** Runs every row, each with an emulator of its own, by MQTT and by MQTT over WebSocket unless it is about something else. */
export function conformance(title: string, rules: readonly Rule[], transports = BY_MQTT): void {
  const names = rules.map(({ rule }) => rule);
  if (new Set(names).size !== names.length) throw new Error(`${title}: a rule is there twice.`);
  describe.each(transports)(`${title}, %s`, (transport) => {
    test.each(rules)('$rule: $says ($source)', async ({ options, check }) => {
      const world = await World.create(options);
      world.webSocket = transport === 'MQTT over WebSocket';
      try {
        await check(world);
      } finally {
        await world.close();
      }
    });
  });
}

/** Everything that came since the last call, as hex. */
export function hexOf(client: RawClient): string {
  const hex = Buffer.concat(client.bytes).toString('hex');
  client.bytes.length = 0;
  return hex;
}

/** What is under way arrives; no deadline passes. */
export function quiet(world: World): Promise<void> {
  return world.clock.advance(0);
}

/** Why the last connection ended. */
export function lastReason(world: World): unknown {
  const event = frontEvents(world).at(-1);
  return event?.type === 'connectionClosed' ? event.reason : event;
}

/** Sends a packet as it is. */
export function sendHex(client: RawClient, hex: string): void {
  client.socket.write(Buffer.from(hex, 'hex'));
}

/** The bytes of a PUBLISH with QoS 0 and flags of exactly 0, as hex. */
export function publishHex(topic: string, payload = ''): string {
  const name = Buffer.from(topic);
  const body = Buffer.concat([Buffer.from([name.length >> 8, name.length & 0xff]), name, Buffer.from(payload)]);
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return Buffer.concat([Buffer.from([0x30, ...length]), body]).toString('hex');
}
