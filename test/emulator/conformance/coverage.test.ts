import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The sections of our notes on the protocol that the tables are about. */
const SECTIONS: Readonly<Record<string, string>> = {
  A1: 'DPS: connect',
  A2: 'DPS: exchange',
  A3: 'DPS: bodies',
  A4: 'DPS: what devices parse',
  A5: 'DPS: identities',
  B1: 'hub: connect and session',
  B2: 'hub: the wire',
  B3: 'hub: property bag',
  B4: 'hub: cloud-to-device queue',
  B5: 'hub: twins and methods',
  B6: 'hub: file upload',
  B7: 'hub: throttles',
  G: 'refusals',
};

/** What clients of one make or another fall into. */
const TRAPS: Readonly<Record<string, readonly string[]>> = {
  'QoS 0 with flags of exactly 0': [
    'A2.answer-qos0',
    'B2.c2d-qos0',
    'B2.method-request',
    'B2.twin-qos0',
    'B2.twin-flags-0',
    'B2.desired-qos0',
  ],
  'UNSUBACK, for which the Node SDK waits': ['A2.unsubscribe', 'B2.twin-unsubscribe', 'B5.method-unsubscribed'],
  'keepalive 0 at DPS': ['A1.keepalive-0'],
  'the sub-protocol in any case': ['A1.ws-mqtt', 'A1.ws-MQTT', 'A1.ws-Mqtt', 'B1.ws-mqtt', 'B1.ws-MQTT'],
  'property bags that are not encoded': ['B3.raw', 'B3.empty', 'B3.equals', 'B3.question-mark'],
  'slashes at the end': [
    'B2.d2c-trailing-slash',
    'B6.trailing-slash',
    'B6.no-trailing-slash',
    'B6.notification-c',
    'B6.notification-node-slash',
  ],
  '"unassigned" never to X.509': ['A4.unassigned'],
};

const rules = readdirSync(__dirname)
  .filter((file) => file.endsWith('.test.ts') && file !== path.basename(__filename))
  .flatMap((file) => [...readFileSync(path.join(__dirname, file), 'utf8').matchAll(/rule: ['`]([\w.-]+)/g)])
  .map(([, name]) => name as string);

test.each(Object.entries(SECTIONS))('section %s (%s) has rows', (section) => {
  expect(rules.filter((rule) => rule.startsWith(`${section}.`)).length).toBeGreaterThan(2);
});

test('no row is of another section', () => {
  expect(rules.filter((rule) => !(rule.replace(/\..*/, '') in SECTIONS))).toEqual([]);
});

test.each(Object.entries(TRAPS))('%s', (_, names) => {
  expect(names.filter((name) => !rules.includes(name))).toEqual([]);
});
