import type { LocalAzureOptions } from '../../../src/emulator/index.js';
import { frontEvents, World, type RawClient } from '../support.js';

/** One row of the table of what the emulator keeps to. */
export interface Rule {
  /** Section of our notes on the protocol, and a name: `A1.keepalive-0`. */
  readonly rule: string;
  readonly says: string;
  /** Where it comes from: documentation, source of an SDK, an issue, a trace. `option` where no source says it. */
  readonly source: string;
  /** The emulator's, where the rule needs them. */
  readonly options?: LocalAzureOptions;
  check(world: World): Promise<void>;
}

/** Runs every row by MQTT and by MQTT over WebSocket, each with an emulator of its own. */
export function conformance(title: string, rules: readonly Rule[]): void {
  const names = rules.map(({ rule }) => rule);
  if (new Set(names).size !== names.length) throw new Error(`${title}: a rule is there twice.`);
  describe.each(['MQTT', 'MQTT over WebSocket'])(`${title}, %s`, (transport) => {
    test.each(rules)('$rule: $says ($source)', async ({ options, check }) => {
      const world = await World.create(options);
      world.webSocket = transport !== 'MQTT';
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
