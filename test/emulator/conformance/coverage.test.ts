import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../../..');

/** The sections of docs/protocol.md, as anchors. */
const SECTIONS = [...readFileSync(path.join(root, 'docs/protocol.md'), 'utf8').matchAll(/^## (.*)$/gm)].map(
  ([, title]) => (title as string).toLowerCase().replaceAll(' ', '-'),
);
/** Other tests check these: SAS tokens, what back ends see, and IoT Central. */
const ELSEWHERE = ['sas-tokens', 'event-shapes', 'central'];

/** What clients of one make or another fall into. */
const TRAPS: Readonly<Record<string, readonly string[]>> = {
  'QoS 0 with flags of exactly 0': [
    'dps-exchange.answer-qos0',
    'hub-topics.c2d-qos0',
    'hub-topics.method-request',
    'hub-topics.twin-qos0',
    'hub-topics.twin-flags-0',
    'hub-topics.desired-qos0',
  ],
  'UNSUBACK, for which the Node SDK waits': [
    'dps-exchange.unsubscribe',
    'hub-topics.twin-unsubscribe',
    'twins-and-methods.method-unsubscribed',
  ],
  'keepalive 0 at DPS': ['dps-connect.keepalive-0'],
  'the sub-protocol in any case': [
    'dps-connect.ws-mqtt',
    'dps-connect.ws-MQTT',
    'dps-connect.ws-Mqtt',
    'hub-connect.ws-mqtt',
    'hub-connect.ws-MQTT',
  ],
  'property bags that are not encoded': [
    'property-bag.raw',
    'property-bag.empty',
    'property-bag.equals',
    'property-bag.question-mark',
  ],
  'slashes at the end': [
    'hub-topics.d2c-trailing-slash',
    'file-upload.trailing-slash',
    'file-upload.no-trailing-slash',
    'file-upload.notification-c',
    'file-upload.notification-node-slash',
  ],
  '"unassigned" never to X.509': ['dps-clients.unassigned'],
};

const rules = readdirSync(__dirname)
  .filter((file) => file.endsWith('.test.ts') && file !== path.basename(__filename))
  .flatMap((file) => [...readFileSync(path.join(__dirname, file), 'utf8').matchAll(/rule: ['`]([\w.-]+)/g)])
  .map(([, name]) => name as string);

test.each(SECTIONS.filter((section) => !ELSEWHERE.includes(section)))('section %s has rows', (section) => {
  expect(rules.filter((rule) => rule.startsWith(`${section}.`)).length).toBeGreaterThan(2);
});

test('no row is of another section', () => {
  expect(rules.filter((rule) => !SECTIONS.includes(rule.replace(/\..*/, '')))).toEqual([]);
});

test('every section that the code cites is there, and none is cited by another name', () => {
  const files = (readdirSync(path.join(root, 'src'), { recursive: true }) as string[]).filter((file) =>
    file.endsWith('.ts'),
  );
  const texts = files.map((file) => readFileSync(path.join(root, 'src', file), 'utf8'));
  const cited = texts.flatMap((text) => [...text.matchAll(/protocol\.md(?:#([\w-]+))?/g)].map(([, anchor]) => anchor));
  expect(cited.length).toBeGreaterThan(100);
  expect(cited.filter((anchor) => anchor === undefined || !SECTIONS.includes(anchor))).toEqual([]);
  expect(texts.flatMap((text) => text.match(/\bsections? [A-H]\d?\b|\([A-H]\d\)/g) ?? [])).toEqual([]);
});

test.each(Object.entries(TRAPS))('%s', (_, names) => {
  expect(names.filter((name) => !rules.includes(name))).toEqual([]);
});
