import type { AppManifest } from '../../app/index.js';
import { parseJson } from '../../json.js';
import { EFFECT_TIME, SETTLE_TIME, UART_TEXT, type Effect } from './effects.js';
import type { Observation } from './observe.js';
import { A_WHILE, OUTAGE, UNKNOWN_METHOD, type Named, type ObservedPin } from './probes.js';
import { literal, passing, todo } from './source.js';
import { hubsOf, usesDps } from '../app-cloud.js';

/** For how long `press` of a pin lasts: ms of the clock. */
const PRESS_TIME = 200;

/** The tests of an app, a text each: of the cloud, of each capability of the manifest, and of its end. */
export function testsOf(manifest: AppManifest, observation: Observation): string[] {
  return [
    ...cloudTests(manifest, observation),
    ...boardTests(manifest, observation),
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

function boardTests(manifest: AppManifest, seen: Observation): string[] {
  const changed = new Set([...seen.effects.values()].flatMap(({ outputs }) => [...outputs.keys()]));
  const pins = seen.pins
    .filter(({ pin, becomes }) => becomes !== undefined || !changed.has(pin))
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

function output({ pin, direction, becomes }: ObservedPin): string {
  const at = `app.gpio(${named(pin)})`;
  if (direction === undefined) return todo(`${pin}: the app did not open it within a minute: ${at}.direction`);
  if (becomes === undefined) return todo(`${pin}: when does it change? ${at}.becomes(0)`);
  return passing(`${pin} becomes ${becomes}`, ['await launch();', `await ${at}.becomes(${becomes});`]);
}

function press(pin: Named, { effects, connects }: Observation): string {
  const effect = effects.get(pin);
  const at = `app.gpio(${named(pin)})`;
  if (effect === undefined) return todo(`${pin} is pressed: the app ended then: ${at}.press()`);
  return passing(`${pin} is pressed`, [
    ...settled(connects),
    `await ${at}.press();`,
    ...expectEffect(effect, PRESS_TIME),
  ]);
}

function fromUart(uart: Named, effect: Effect, { connects }: Observation): string {
  const at = `app.uart(${named(uart)})`;
  return passing(`${uart} gets something`, [
    ...settled(connects),
    `${at}.send(${literal(UART_TEXT)});`,
    ...expectEffect(effect, 0),
    ...(effect.answer === undefined ? [] : [`expect(${at}.received.toString()).toBe(${literal(effect.answer)});`]),
  ]);
}

/** @param passed How much of the time for an effect has gone by. */
function expectEffect({ telemetry: body, outputs, answer }: Effect, passed: number): string[] {
  const nothing = body === undefined && outputs.size === 0 && answer === undefined;
  const sent = 'hubDevice().receivedTelemetry().map(({ body }) => body.toString())';
  return [
    `await clock.advance(${EFFECT_TIME - passed});`,
    `expect(app.ended).toBe(false);${nothing ? ' // what else does it do? await app.log(/…/)' : ''}`,
    ...(body === undefined ? [] : [`expect(${sent}).toContain(${literal(body)});`]),
    ...[...outputs].map(([pin, value]) => `expect(app.gpio(${named(pin)}).value).toBe(${value});`),
  ];
}

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
    [manifest.mutableStorage !== undefined, 'finds what it has stored after a restart: app.close(), launch() again'],
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

function endingTest({ stays, connects, ending }: Observation): string {
  if (ending === undefined) return todo('comes to its end: it did not within an hour');
  if ('crash' in ending) return todo(`comes to its end: ${firstSentence(ending.crash)}`);
  const { exitCode } = ending;
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
