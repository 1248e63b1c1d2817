// What DPS may answer with instead of what it documents: the registration fails or not, as C says, and the process goes on.
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { generate, parser, type Packet } from 'mqtt-packet';

import { VirtualClock } from '../../src/clock/index.js';
import type { SphereIotError } from '../../src/errors.js';
import { IOTHUB_SECURITY_TYPE, PROV_DEVICE_RESULT } from '../../src/sdk/index.js';
import { RefusalObserver } from '../../src/diagnosis/index.js';
import type { EndpointResolver } from '../../src/transport/index.js';
import {
  createProv,
  DPS,
  HUB,
  keyPem,
  made,
  register,
  rootAuthority,
  startSphere,
  type Sphere,
} from '../support/sphere.js';

const ASSIGNED = `{"operationId":"1","status":"assigned","registrationState":{"assignedHub":"${HUB}","deviceId":"d"}}`;

/** A service that answers each request with what `next` gives. */
function answering(
  next: () => { status: number | string; body: string },
  identity: tls.SecureContext,
): EndpointResolver {
  return (name) => (name === DPS ? { kind: 'in-process', accept } : undefined);

  function accept(stream: Duplex): void {
    const socket = new tls.TLSSocket(stream as never, { isServer: true, secureContext: identity });
    const send = (packet: Packet): void => void socket.write(generate(packet));
    const mqtt = parser({ protocolVersion: 4 });
    mqtt.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', returnCode: 0, sessionPresent: false });
      if (packet.cmd === 'subscribe') send({ cmd: 'suback', messageId: packet.messageId ?? 1, granted: [1] });
      if (packet.cmd !== 'publish') return;
      if (packet.qos > 0) send({ cmd: 'puback', messageId: packet.messageId ?? 1 });
      const { status, body } = next();
      const topic = `$dps/registrations/res/${status}/?$rid=1`;
      send({ cmd: 'publish', topic, payload: body, qos: 0, dup: false, retain: false });
    });
    socket.on('data', (bytes) => mqtt.parse(bytes));
    for (const each of [stream, socket]) each.on('error', () => undefined);
  }
}

const DEEP = `{"errorCode":1,"message":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;

describe('an answer of DPS', () => {
  let answer: { status: number | string; body: string } = { status: 200, body: ASSIGNED };
  let sphere: Sphere;

  beforeEach(async () => {
    const authority = await rootAuthority(new VirtualClock(), 'Odd CA');
    const identity = await authority.issue({ commonName: DPS, usage: 'server', subjectAltNames: [DPS] });
    const context = tls.createSecureContext({ cert: identity.chain, key: keyPem(identity) });
    sphere = await startSphere({
      pump: true,
      sdk: { resolve: answering(() => answer, context), trustRoots: authority.pem },
    });
  });

  async function registered(): Promise<string | undefined> {
    const prov = createProv(sphere);
    expect(sphere.sdk.Prov_Device_LL_SetOption(prov, 'SetDeviceId', 1)).toBe(0);
    const { result } = await register(sphere, prov);
    sphere.sdk.Prov_Device_LL_Destroy(prov);
    return PROV_DEVICE_RESULT[result];
  }

  const odd: readonly (readonly [status: number, body: string])[] = [
    [200, 'null'],
    [401, 'null'],
    [401, '5'],
    [401, '[]'],
    [401, '"text"'],
    [401, DEEP],
    [200, '{"registrationState":{"assignedHub":5,"deviceId":"x"}}'],
    [200, '{"status":"assigned","registrationState":{"assignedHub":"h","deviceId":{"toString":1}}}'],
    [200, '{"status":"assigned","registrationState":null}'],
    [200, '{"status":"failed","registrationState":5}'],
    [401, '{"errorCode":1,"message":{"toString":1}}'],
    [401, '{"errorCode":{"toString":1},"message":"no"}'],
    [200, '{"status":"failed","registrationState":{"errorCode":{"valueOf":1},"errorMessage":{"toString":1}}}'],
    [200, '{"status":{"toString":1}}'],
  ];
  test.each(odd.map(([status, body]) => [status, body.slice(0, 90), body] as const))(
    '%d %s: the registration fails, and the next one succeeds',
    async (status, _, body) => {
      answer = { status, body };
      expect(await registered()).not.toBe('PROV_DEVICE_RESULT_OK');
      answer = { status: 200, body: ASSIGNED };
      expect(await registered()).toBe('PROV_DEVICE_RESULT_OK');
    },
  );

  const assigned = (assignedHub: string, deviceId = 'd'): string =>
    JSON.stringify({ operationId: '1', status: 'assigned', registrationState: { assignedHub, deviceId } });

  // The SDK takes each for a success, and cuts texts at a NUL.
  test.each<[status: number | string, body: string, told: string]>([
    [200, assigned(`${HUB}\0.evil`), `the assignedHub "${HUB}\\u0000.evil"`],
    [200, assigned('a\nerror: all is lost'), 'the assignedHub "a\\u000aerror: all is lost"'],
    [200, assigned(`\u001b]0;x\u0007${HUB}`), 'the assignedHub "\\u001b]0;x\\u0007'],
    [200, assigned('\ud800.azure-devices.net'), 'the assignedHub "\\ud800.azure-devices.net"'],
    [200, assigned(`${HUB}/x?y#`), `the assignedHub "${HUB}/x?y#"`],
    [200, assigned('a'.repeat(60_000)), '… (60000 characters)"'],
    [200, assigned(HUB, 'd\0x'), 'the deviceId "d\\u0000x"'],
    [200, assigned(HUB, 'd\nx'), 'the deviceId "d\\u000ax"'],
    ['-200', ASSIGNED, 'the status "-200"'],
    ['9'.repeat(400), ASSIGNED, 'the status "999'],
    ['', ASSIGNED, 'the status ""'],
    ['200x', ASSIGNED, 'the status "200x"'],
    ['0200', ASSIGNED, 'the status "0200"'],
  ])('%#: the registration fails and says why, and the next one succeeds', async (status, body, told) => {
    answer = { status, body };
    expect(await registered()).not.toBe('PROV_DEVICE_RESULT_OK');
    const { diagnostics } = sphere.sdk;
    expect(diagnostics[0]).toMatchObject({ code: 'DPS_ANSWER_INVALID', message: expect.stringContaining(told) });
    for (const { message } of diagnostics) expect(message).not.toContain('\n');
    answer = { status: 200, body: ASSIGNED };
    expect(await registered()).toBe('PROV_DEVICE_RESULT_OK');
  });

  test('a hub whose name is none is not connected to, and is told of in one line', async () => {
    const { sdk, clock, pump } = sphere;
    for (const name of ['a.b\nerror: all is lost', 'a b.c', `${'a'.repeat(300)}.b`]) {
      sdk.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509);
      const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(name, 'd', sdk.MQTT_Protocol));
      expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1)).toBe(0);
      pump.add(hub);
      await clock.advance(1000);
      sdk.IoTHubDeviceClient_LL_Destroy(hub);
      const { code, message } = sdk.diagnostics.at(-1)!;
      expect({ code, message }).toEqual({
        code: 'HOST_NAME_INVALID',
        message: expect.stringMatching(/^".{1,300}" is no host name\.$/),
      });
    }
  });

  const refusals: readonly (readonly [body: string, told: string | undefined])[] = [
    ['{"errorCode":1,"message":{"toString":1}}', `${DPS} refused to register device-1: 1`],
    ['{"errorCode":401002,"message":"No CA."}', `${DPS} refused to register device-1: 401002 No CA.`],
    ['{"status":"failed","registrationState":{"errorCode":"x","errorMessage":"Full."}}', `: 401 Full.`],
    ['{"errorCode":"401002"}', undefined],
    [DEEP, undefined],
  ];
  test.each(refusals.map(([body, told]) => [body.slice(0, 90), body, told] as const))(
    '%s: of fields that are of another type, nothing is told',
    (_, body, told) => {
      const { errors, publish } = observed();
      publish(body);
      expect(errors.map(({ code }) => code)).toEqual(told === undefined ? [] : ['DPS_REGISTRATION_REFUSED']);
      if (told !== undefined) expect(errors[0]?.message).toContain(told);
    },
  );

  test('the observer keeps to itself what its listener throws', () => {
    const { errors, publish } = observed(() => {
      throw new Error('the listener’s');
    });
    publish('{"errorCode":1,"message":"No."}');
    expect(errors).toHaveLength(1);
  });
});

/** An observer of a connection to DPS, which is told of what the service publishes. */
function observed(listener: () => void = () => undefined) {
  const errors: SphereIotError[] = [];
  const observer = new RefusalObserver({
    clock: new VirtualClock(),
    name: DPS,
    credential: undefined,
    framed: false,
    registrations: new Map(),
    refused: (error) => {
      errors.push(error);
      listener();
    },
  });
  observer.sent(
    generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'device-1', clean: true }),
  );
  const publish = (payload: string): void =>
    void observer.received(
      generate({
        cmd: 'publish',
        topic: '$dps/registrations/res/401/?$rid=1',
        payload,
        qos: 0,
        dup: false,
        retain: false,
      }),
    );
  return { errors, publish };
}
