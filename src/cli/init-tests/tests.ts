import type { AppManifest } from '../../app/index.js';
import { parseJson } from '../../json.js';
import { EFFECT_TIME, MESSAGE_TEXT, MESSAGE_TIME, SETTLE_TIME, UART_TEXT, type Effect } from './effects.js';
import type { Observation } from './observe.js';
import { A_WHILE, LOOK_PERIOD, OUTAGE, UNKNOWN_METHOD, type Named, type ObservedPin } from './probes.js';
import { block, literal, passing, todo } from './source.js';
import { hubsOf, usesDps } from '../app-cloud.js';

/** For how long `press` of a pin lasts: ms of the clock. */
const PRESS_TIME = 200;

/** The tests of an app, a text each: of the cloud, of each capability of the manifest, and of its end. */
export function testsOf(manifest: AppManifest, observation: Observation): string[] {
  return [
    ...cloudTests(manifest, observation),
    ...boardTests(manifest, observation),
    ...(manifest.mutableStorage === undefined ? [] : [storageTest(observation)]),
    ...todos(manifest),
    endingTest(observation),
  ];
}

function cloudTests(manifest: AppManifest, seen: Observation): string[] {
  const wantsCloud = manifest.deviceAuthentication !== undefined || hubsOf(manifest).length > 0 || usesDps(manifest);
  if (!wantsCloud) return [];
  if (!seen.connects) return [todo(notConnected(manifest))];
  const isItself = `toMatchObject({ deviceId: ${hubDeviceIdOf(seen)} })`;
  const authenticates = passing('authenticates with the hub', [`expect(await launchConnected()).${isItself};`]);
  if (!seen.stays) return [authenticates];
  return [
    authenticates,
    seen.telemetry === undefined ? todo('sends telemetry: hubDevice().nextTelemetry()') : telemetry(seen.telemetry),
    ...twin(seen),
    ...methods(seen),
    fromCloud(seen),
    seen.returns ? outageTest(isItself) : todo('connects again after the network was away: it did not within an hour'),
    seen.restarts ? powerLossTest(isItself) : todo('connects again after the power was away: it did not'),
  ];
}

/** What a suite has for the id of the app's device in its hub. */
export function hubDeviceIdOf({ access }: Observation): string {
  return access?.by === 'code' ? 'connection.deviceId' : 'DEVICE_ID';
}

function notConnected(manifest: AppManifest): string {
  if (manifest.deviceAuthentication === undefined)
    return usesDps(manifest)
      ? 'authenticates with the hub: cloud.dps.enrollments.create({ … }) in beforeEach, and launch({ args }) with what the app registers with'
      : `authenticates with the hub: no connection string was found. cloud.hub().devices.create({ deviceId, authentication: { type: 'sas' } }) in beforeEach, and launch({ args }) with cloud.hub().devices.connectionString(deviceId)`;
  return hubsOf(manifest).length === 0
    ? 'authenticates with the hub: AllowedConnections of app_manifest.json has to name one, and npx sphere-iot init-tests writes more'
    : 'authenticates with the hub: it did not when this file was written; npx sphere-iot run shows why';
}

function outageTest(isItself: string): string {
  return passing('connects again after the network was away', [
    'await launchConnected();',
    'const again = authenticated();',
    `await app.outage(${number(OUTAGE)});`,
    `expect(await clock.runUntil(again)).${isItself};`,
  ]);
}

function powerLossTest(isItself: string): string {
  return passing('connects again after the power was away', [
    'await launchConnected();',
    'app.close();',
    'await clock.runUntil(hubDevice().disconnected());',
    `expect(await launchConnected()).${isItself};`,
  ]);
}

function telemetry(body: Buffer): string {
  return passing('sends telemetry', [
    'await launchConnected();',
    'const { body } = await clock.runUntil(hubDevice().nextTelemetry());',
    ...expectBody(body),
  ]);
}

function expectBody(body: Buffer): string[] {
  const value = parseJson(body);
  if (value === undefined)
    return [`expect(body.length).toBeGreaterThan(0); // ${JSON.stringify(body.toString().slice(0, 60))}`];
  return [`expect(JSON.parse(body.toString())).toEqual(${shapeOf(value)});`];
}

/** What a value looks like, as jest's matchers say it: values may be another time, names and types not. */
function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'expect.any(Array)';
  if (typeof value === 'object') {
    const fields = Object.entries(value).map(([name, content]) => `${fieldName(name)}: ${shapeOf(content)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  const type = typeof value;
  return `expect.any(${type.charAt(0).toUpperCase()}${type.slice(1)})`;
}

function fieldName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

function twin({ reported, takesDesired }: Observation): string[] {
  const reports = `({ ${reported.map((name) => `${fieldName(name)}: expect.anything()`).join(', ')} })`;
  return [
    ...(reported.length === 0
      ? []
      : [
          passing('reports its properties', [
            'await launchConnected();',
            `await clock.advance(${number(A_WHILE)});`,
            `expect(hubDevice().twin.reported).toMatchObject${reports};`,
          ]),
        ]),
    ...(takesDesired
      ? [
          passing('is told of desired properties', [
            'await launchConnected();',
            'await clock.runUntil(hubDevice().subscribedToDesiredProperties());',
          ]),
          todo('does what a desired property asks for: hubDevice().updateDesired({ … }), then hubDevice().reported(…)'),
        ]
      : []),
  ];
}

function methods({ methodStatus }: Observation): string[] {
  if (methodStatus === undefined) return [];
  return [
    passing('answers a direct method that it does not know', [
      'await launchConnected();',
      `const call = hubDevice().invokeMethod('${UNKNOWN_METHOD}', null, { connectTimeout: 30_000 });`,
      `expect(await clock.runUntil(call)).toMatchObject({ status: ${methodStatus} });`,
    ]),
    todo('answers its direct methods: hubDevice().invokeMethod(…)'),
  ];
}

function fromCloud({ message }: Observation): string {
  if (message === undefined)
    return todo("takes a message from the cloud: hubDevice().sendC2D('…'), then await clock.runUntil(….finished())");
  return passing('takes a message from the cloud', [
    ...settled(true),
    ...expectBefore(message),
    `const delivery = hubDevice().sendC2D(${literal(MESSAGE_TEXT)});`,
    `await clock.advance(${number(MESSAGE_TIME)});`,
    "expect(delivery.outcome).toMatchObject({ status: 'completed' });",
    ...expectAfter(message),
  ]);
}

function boardTests(manifest: AppManifest, seen: Observation): string[] {
  const effects = [...seen.effects.values(), seen.message].filter((effect) => effect !== undefined);
  const changed = new Set(effects.flatMap(({ outputs }) => [...outputs.keys()]));
  const pins = seen.pins
    .filter(({ pin, changes }) => changes || !changed.has(pin))
    .map((pin) => (pin.direction === 'input' ? press(pin.pin, seen) : output(pin)));
  const uarts = [...seen.effects].filter(([name]) => !seen.pins.some(({ pin }) => pin === name));
  return [
    ...pins,
    ...uarts.map(([uart, effect]) => fromUart(uart, effect, seen)),
    ...(manifest.uart.length > uarts.length
      ? [todo("its UARTs: app.uart(…).send('…'), app.uart(…).receives(/…/)")]
      : []),
  ];
}

function output({ pin, direction, changes, level }: ObservedPin): string {
  const at = `app.gpio(${named(pin)})`;
  if (direction === undefined) return todo(`${pin}: the app did not open it within a minute: ${at}.direction`);
  const other = 1 - level;
  if (!changes) return todo(`${pin}: when does it change? ${at}.becomes(${other})`);
  return passing(`${pin} is ${level}, and becomes ${other}`, [
    'await launch();',
    `await opened(${named(pin)});`,
    `expect(${at}.value).toBe(${level});`,
    `await ${at}.becomes(${other});`,
  ]);
}

function press(pin: Named, { effects, connects }: Observation): string {
  const effect = effects.get(pin);
  if (effect === undefined) return todo(`${pin} is pressed: the app ended then: app.gpio(${named(pin)}).press()`);
  return passing(`${pin} is pressed`, [
    ...settled(connects),
    ...expectBefore(effect),
    ...pressed(pin),
    ...expectAfter(effect),
  ]);
}

function pressed(pin: Named): string[] {
  return [`await app.gpio(${named(pin)}).press();`, `await clock.advance(${EFFECT_TIME - PRESS_TIME});`];
}

/** An app with storage, and a hub. */
function storageTest({ memory }: Observation): string {
  if (memory === undefined) return todo('finds what it has stored after a restart: app.close(), launch() again');
  const { input, effect } = memory;
  const act = input === undefined ? sentFromCloud() : pressed(input);
  return passing('finds what it has stored after a restart', [
    ...settled(true),
    ...act,
    'app.close();',
    'await clock.runUntil(hubDevice().disconnected());',
    ...settled(true),
    ...expectBefore(effect),
    ...act,
    ...expectAfter(effect),
  ]);
}

function sentFromCloud(): string[] {
  return [`hubDevice().sendC2D(${literal(MESSAGE_TEXT)});`, `await clock.advance(${number(MESSAGE_TIME)});`];
}

function fromUart(uart: Named, effect: Effect, { connects }: Observation): string {
  const at = `app.uart(${named(uart)})`;
  return passing(`${uart} gets something`, [
    ...settled(connects),
    ...expectBefore(effect, at),
    `${at}.send(${literal(UART_TEXT)});`,
    `await clock.advance(${number(EFFECT_TIME)});`,
    ...expectAfter(effect, at),
  ]);
}

/** What an effect changes, as expressions: each with its value before and after. @param uart An expression. */
function changesOf({ telemetry, reported, outputs, written }: Effect, uart?: string) {
  return [
    ...[...telemetry].map(([body, change]) => ({ of: `messages(${literal(body)})`, ...change })),
    ...[...reported].map(([name, change]) => ({ of: `hubDevice().twin.reported${property(name)}`, ...change })),
    ...[...outputs].map(([pin, change]) => ({ of: `app.gpio(${named(pin)}).value`, ...change })),
    ...(written === undefined ? [] : [{ of: `${uart}.received.toString()`, ...written }]),
  ];
}

/** Without these lines a test would pass although it is so all the time. */
function expectBefore(effect: Effect, uart?: string): string[] {
  return changesOf(effect, uart).map(({ of, before }) => expectation(of, before));
}

function expectAfter(effect: Effect, uart?: string): string[] {
  const changes = changesOf(effect, uart);
  return [
    `expect(app.ended).toBe(false);${changes.length === 0 ? ' // what else does it do? await app.log(/…/)' : ''}`,
    ...changes.map(({ of, after }) => expectation(of, after)),
  ];
}

/** @param of An expression. @param content What JSON holds, or undefined. */
function expectation(of: string, content: unknown): string {
  if (typeof content === 'object' && content !== null) return `expect(${of}).toEqual(${JSON.stringify(content)});`;
  return `expect(${of}).toBe(${typeof content === 'string' ? literal(content) : String(content)});`;
}

function property(name: string): string {
  return fieldName(name) === name ? `.${name}` : `[${literal(name)}]`;
}

/** The functions that the tests of an app take. */
export function helpersOf({ pins, effects, message, memory }: Observation): string[] {
  const all = [...effects.values(), message, memory?.effect].filter((effect) => effect !== undefined);
  return [
    ...(all.some(({ telemetry }) => telemetry.size > 0) ? [MESSAGES] : []),
    ...(pins.some(({ changes }) => changes) ? [OPENED] : []),
  ];
}

const MESSAGES = `/** How many messages with a body the hub has got. */
${block(
  'function messages(wanted) {',
  ['return hubDevice().receivedTelemetry().filter(({ body }) => body.toString() === wanted).length;'],
  '}',
)}`;

const OPENED = `/** Waits until the app has opened a pin. */
${block(
  'async function opened(pin) {',
  [
    `for (let ms = 0; ms < ${number(A_WHILE)} && app.gpio(pin).direction === undefined; ms += ${LOOK_PERIOD})`,
    `  await clock.advance(${LOOK_PERIOD});`,
    "expect(app.gpio(pin).direction).toBe('output');",
  ],
  '}',
)}`;

/** Lines until an app is ready for what comes from outside. */
function settled(connects: boolean): string[] {
  const wait = connects ? SETTLE_TIME : 2 * SETTLE_TIME;
  return [...startOf(connects), `await clock.advance(${number(wait)});`];
}

function startOf(connects: boolean): string[] {
  return [connects ? 'await launchConnected();' : 'await launch();'];
}

/** What each further capability can be tested with. */
function todos(manifest: AppManifest): string[] {
  const others = manifest.allowedConnections.filter((name) => !/\.azure-devices(-provisioning)?\.net$/.test(name));
  const has = (flag: Parameters<AppManifest['flags']['has']>[0]): boolean => manifest.flags.has(flag);
  const rows: readonly (readonly [boolean, string])[] = [
    [manifest.i2c.length > 0, 'its I2C devices: app.i2c(…).attach(address, new RegisterMap({ … }))'],
    [manifest.spi.length > 0, 'its SPI devices: app.spi(…).attach({ read, write })'],
    [manifest.adc.length > 0, 'its analogue inputs: app.adc(…).set(channel, volts)'],
    [manifest.pwm.length > 0, 'its PWM outputs: app.pwm(…).channel(0)'],
    [others.length > 0, `asks ${others.join(', ')}: app.serve(host, port, (stream) => …)`],
    [manifest.allowedTcpServerPorts.length > 0, 'serves a TCP connection: app.connect(port)'],
    [manifest.allowedUdpServerPorts.length > 0, "answers a datagram: app.sendDatagram(port, '…', (answer) => …)"],
    [manifest.allowedApplicationConnections.length > 0, 'talks to the real-time cores: realTimeApps above'],
    [has('WifiConfig'), 'configures the Wi-Fi: app.wifi.accessPoints, app.wifi.stored'],
    [has('NetworkConfig'), "configures the network: app.networkInterface('eth0')"],
    [has('SystemTime') || has('TimeSyncConfig'), 'sets the time: app.timeSync'],
    [has('SystemEventNotifications'), 'is told of an update: app.update({ … }), (await …).becomes(…)'],
    [has('CertStore'), 'installs certificates: app.certificates'],
    [manifest.powerControls.length > 0, 'restarts the device, or saves power: app.power.state'],
  ];
  return rows.filter(([applies]) => applies).map(([, text]) => todo(text));
}

/** Whether an app has ended by itself, and has not come to a hub, or says with its exit code that it could not go on. */
export function endedTooSoon({ stays, connects, ending }: Observation): boolean {
  return !stays && ending !== undefined && 'exitCode' in ending && !(connects && ending.exitCode === 0);
}

function endingTest(seen: Observation): string {
  const { stays, connects, ending } = seen;
  if (ending === undefined) return todo('comes to its end: it did not within an hour');
  if ('crash' in ending) return todo(`comes to its end: ${firstSentence(ending.crash)}`);
  const { exitCode } = ending;
  if (endedTooSoon(seen))
    return todo(
      `does what it is for: it ended by itself, with exit code ${exitCode}; npx sphere-iot init-tests FOLDER -- ARGS`,
    );
  if (!stays) return passing('comes to its end', ['await launch();', `expect(await app.exitCode).toBe(${exitCode});`]);
  return passing('ends when it is told to', [
    ...(connects ? startOf(connects) : ['await launch();', `await clock.advance(${number(SETTLE_TIME)});`]),
    "app.signal('SIGTERM');",
    `expect(await app.exitCode).toBe(${exitCode});`,
  ]);
}

/** What an error says before it shows the app's log. */
function firstSentence(message: string): string {
  return message.replace(/\.\s.*/s, '');
}

function named(name: Named): string {
  return typeof name === 'number' ? String(name) : literal(name);
}

/** A number with its thousands apart. */
function number(value: number): string {
  const parts: string[] = [];
  let rest = String(value);
  for (; rest.length > 3; rest = rest.slice(0, -3)) parts.unshift(rest.slice(-3));
  return [rest, ...parts].join('_');
}
