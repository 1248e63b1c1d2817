import type { Credential } from '../../../src/certificates/index.js';
import { answerTo, atDps, poll, put, register, type Answer } from '../dps-device.js';
import { ask } from '../https.js';
import { DPS, dpsConnect, HUB, type RawClient, type World } from '../support.js';
import { conformance, hexOf, lastReason, quiet, sendHex, type Rule } from './rules.js';

const RESPONSES = '$dps/registrations/res/#';
const PUT = '$dps/registrations/PUT/iotdps-register/?';
const GET = '$dps/registrations/GET/iotdps-get-operationstatus/?';
const BODY = '{"registrationId":"device-1"}';
const SDK_PARSER = 'azure-sdk-for-c, test_az_iot_provisioning_client_parser.c';
const OPERATION_ID = /^\d\.[0-9a-f]{16}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;

/** Connected, not subscribed; its CA is enrolled. */
async function connected(world: World): Promise<RawClient> {
  await world.enroll();
  const client = await world.open(DPS, await world.ca.issue({ commonName: 'device-1' }));
  await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1'));
  hexOf(client);
  return client;
}

async function subscribed(world: World, qos: 0 | 1 | 2 = 1): Promise<RawClient> {
  const client = await connected(world);
  await client.subscribe(RESPONSES, qos);
  hexOf(client);
  return client;
}

const granted =
  (qos: 0 | 1 | 2, code: string): Rule['check'] =>
  async (world) => {
    const client = await connected(world);
    await client.subscribe(RESPONSES, qos);
    expect(hexOf(client)).toBe(`90030001${code}`);
  };

async function device(world: World): Promise<Credential> {
  await world.enroll();
  return world.ca.issue({ commonName: 'device-1' });
}

const undocumented =
  (topic: string, ends: boolean): Rule['check'] =>
  async (world) => {
    const client = await subscribed(world);
    client.publish(topic, BODY, 1);
    await quiet(world);
    expect(hexOf(client)).toBe(ends ? '' : '40020002');
    expect(client.isClosed).toBe(ends);
  };

const keysOf = (value: unknown): string[] => Object.keys(value as object);
const stateOf = ({ body }: Answer) => body['registrationState'] as Record<string, unknown>;

conformance('DPS: exchange', [
  {
    rule: 'dps-exchange.subscribe-qos1',
    says: 'SUBSCRIBE with QoS 1 is granted 1, in a SUBACK of three bytes',
    source: 'traces',
    check: granted(1, '01'),
  },
  {
    rule: 'dps-exchange.subscribe-qos2',
    says: 'SUBSCRIBE with QoS 2 is granted 1',
    source: 'azure-docs',
    check: granted(2, '01'),
  },
  {
    rule: 'dps-exchange.subscribe-qos0',
    says: 'SUBSCRIBE with QoS 0 is granted 0',
    source: 'documented',
    check: granted(0, '00'),
  },
  {
    rule: 'dps-exchange.filters',
    says: 'another filter is refused with 0x80',
    source: 'azure-docs',
    check: async (world) => {
      const client = await connected(world);
      for (const filter of ['$dps/#', '#', '$dps/registrations/res/+/#', '$dps/registrations/res/200/#', HUB])
        expect(await client.subscribe(filter, 1)).toBe(0x80);
      expect(client.isClosed).toBe(false);
    },
  },
  {
    rule: 'dps-exchange.register-qos0',
    says: 'the C SDK registers with QoS 0, and gets an answer and nothing else',
    source: 'C SDK, prov_transport_mqtt_common.c',
    check: async (world) => {
      const client = await subscribed(world);
      client.publish(`${PUT}$rid=1`, BODY, 0);
      expect((await answerTo(client)).topic).toBe('$dps/registrations/res/202/?$rid=1&retry-after=3');
      await quiet(world);
      expect(client.received).toEqual([]);
    },
  },
  {
    rule: 'dps-exchange.register-qos1',
    says: 'the Node SDK registers with QoS 1, and gets a PUBACK of two bytes too',
    source: 'measured, azure-iot-provisioning-device-mqtt',
    check: async (world) => {
      const client = await subscribed(world, 0);
      client.publish(`${PUT}$rid=1`, BODY, 1);
      await client.next('publish');
      await client.next('puback');
      expect(hexOf(client)).toMatch(/40020002$/);
    },
  },
  {
    rule: 'dps-exchange.answer-qos1',
    says: 'answers to a subscription of QoS 1 have QoS 1 and a packet id, not DUP, not retained',
    source: 'traces',
    check: async (world) => {
      const client = await subscribed(world);
      client.publish(`${PUT}$rid=1`, BODY);
      expect((await client.next('publish')).messageId).toBe(1);
      expect(hexOf(client)).toMatch(/^32/);
    },
  },
  {
    rule: 'dps-exchange.answer-qos0',
    says: 'answers to a subscription of QoS 0 have flags of exactly 0',
    source: 'umqtt, mqtt_client.c',
    check: async (world) => {
      const client = await subscribed(world, 0);
      client.publish(`${PUT}$rid=1`, BODY, 0, true);
      await client.next('publish');
      expect(hexOf(client)).toMatch(/^30/);
    },
  },
  {
    rule: 'dps-exchange.no-puback',
    says: 'a PUBACK that does not come holds nothing up',
    source: 'documented',
    check: async (world) => {
      const client = await subscribed(world);
      for (const id of [1, 2]) {
        client.publish(`${PUT}$rid=1`, BODY);
        expect((await client.next('publish')).messageId).toBe(id);
      }
    },
  },
  {
    rule: 'dps-exchange.rid',
    says: 'the request id is given back as it came, a number, a UUID or anything else',
    source: 'Node SDK',
    check: async (world) => {
      const client = await subscribed(world);
      for (const rid of ['1', '0f8fad5b-d9cb-469f-a165-70867728950e', 'A%20b=c', 'ü', '']) {
        client.publish(`${PUT}$rid=${rid}`, BODY);
        expect((await answerTo(client)).topic).toBe(`$dps/registrations/res/202/?$rid=${rid}&retry-after=3`);
      }
    },
  },
  {
    rule: 'dps-exchange.retry-after',
    says: 'retry-after, in lower case, is on both answers with 202 and on no other',
    source: 'C SDK, prov_transport_mqtt_common.c',
    options: { dps: { retryAfterSeconds: 12 } },
    check: async (world) => {
      const client = await subscribed(world);
      const { body, topic } = await put(client, 'device-1');
      const topics = [topic];
      for (let i = 0; i < 2; i++) topics.push((await poll(client, body.operationId)).topic);
      expect(topics.map((text) => text.replace('$dps/registrations/res/', ''))).toEqual([
        '202/?$rid=7&retry-after=12',
        '202/?$rid=a-b&retry-after=12',
        '200/?$rid=a-b',
      ]);
    },
  },
  {
    rule: 'dps-exchange.poll-bodies',
    says: 'the C SDK polls with the body of the registration, the Node SDK with a blank',
    source: 'C SDK, measured',
    options: { dps: { assigningPolls: 10 } },
    check: async (world) => {
      const client = await subscribed(world);
      const { operationId } = (await put(client, 'device-1')).body;
      for (const body of [BODY, ' ', '']) {
        client.publish(`${GET}$rid=2&operationId=${operationId}`, body);
        expect((await answerTo(client)).topic).toMatch('/res/202/');
      }
    },
  },
  {
    rule: 'dps-exchange.poll-order',
    says: 'the parts of a poll may come in any order',
    source: 'documented',
    check: async (world) => {
      const client = await subscribed(world);
      const { operationId } = (await put(client, 'device-1')).body;
      client.publish(`${GET}operationId=${operationId}&$rid=2`);
      expect((await answerTo(client)).topic).toMatch('/res/202/?$rid=2');
    },
  },
  {
    rule: 'dps-exchange.unsubscribe',
    says: 'UNSUBSCRIBE is answered with an UNSUBACK of two bytes, for which the Node SDK waits',
    source: 'measured',
    check: async (world) => {
      const client = await subscribed(world);
      client.send({ cmd: 'unsubscribe', messageId: 0x1234, unsubscriptions: [RESPONSES] });
      await client.next('unsuback');
      expect(hexOf(client)).toBe('b0021234');
      client.publish(`${PUT}$rid=1`, BODY);
      await quiet(world);
      expect(hexOf(client)).toBe('');
    },
  },
  {
    rule: 'dps-exchange.unsubscribe-unknown',
    says: 'UNSUBSCRIBE of what was never subscribed is answered too',
    source: 'MQTT-3.10.4-5',
    check: async (world) => {
      const client = await connected(world);
      client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['x'] });
      await client.next('unsuback');
      expect(hexOf(client)).toBe('b0020007');
    },
  },
  {
    rule: 'dps-exchange.disconnect',
    says: 'the connection is closed after DISCONNECT',
    source: 'MQTT-3.14.4-3',
    check: async (world) => {
      const client = await connected(world);
      sendHex(client, 'e000');
      await client.closed();
      expect(lastReason(world)).toBe('the client disconnected');
    },
  },
  {
    rule: 'dps-exchange.qos2',
    says: 'a PUBLISH with QoS 2 closes the connection',
    source: 'azure-docs',
    check: async (world) => {
      const client = await subscribed(world);
      client.publish(`${PUT}$rid=1`, BODY, 2);
      await client.closed();
      expect(client.received).toEqual([]);
    },
  },
  {
    rule: 'dps-exchange.topic-close',
    says: 'a PUBLISH to another topic closes the connection',
    source: 'option',
    check: undocumented('$dps/registrations/POST/iotdps-register/?$rid=1', true),
  },
  {
    rule: 'dps-exchange.topic-ignore',
    says: 'a PUBLISH to another topic is acknowledged and ignored, by option',
    source: 'option',
    options: { dps: { undocumentedTopic: 'ignore' } },
    check: undocumented('$dps/registrations/POST/iotdps-register/?$rid=1', false),
  },
  {
    rule: 'dps-exchange.no-rid',
    says: 'a registration without a request id goes to no documented topic',
    source: 'documented',
    check: undocumented(`${PUT}rid=1`, true),
  },
  {
    rule: 'dps-answers.accepted',
    says: '202: operation id and "assigning", 94 bytes',
    source: `${SDK_PARSER}, trace in azure-docs`,
    check: async (world) => {
      const client = await subscribed(world);
      client.publish(`${PUT}$rid=1`, BODY);
      const { payload } = await client.next('publish');
      expect(payload).toHaveLength(94);
      const body = JSON.parse(payload.toString()) as Answer['body'];
      expect(body).toEqual({ operationId: expect.stringMatching(OPERATION_ID), status: 'assigning' });
      expect(keysOf(body)).toEqual(['operationId', 'status']);
    },
  },
  {
    rule: 'dps-answers.assigning',
    says: '202 to a poll: the registration state is there and "assigning"',
    source: SDK_PARSER,
    check: async (world) => {
      const client = await subscribed(world);
      const { operationId } = (await put(client, 'device-1')).body;
      expect((await poll(client, operationId)).body).toEqual({
        operationId,
        status: 'assigning',
        registrationState: { registrationId: 'device-1', status: 'assigning' },
      });
    },
  },
  {
    rule: 'dps-answers.assigned',
    says: '200: every key of the registration state, in the order of the traces',
    source: SDK_PARSER,
    check: async (world) => {
      const answer = await register(world, await device(world));
      expect(answer.topic).toBe('$dps/registrations/res/200/?$rid=a-b');
      expect(keysOf(answer.body)).toEqual(['operationId', 'status', 'registrationState']);
      expect(keysOf(stateOf(answer))).toEqual([
        'x509',
        'registrationId',
        'createdDateTimeUtc',
        'assignedHub',
        'deviceId',
        'status',
        'substatus',
        'lastUpdatedDateTimeUtc',
        'etag',
      ]);
      expect(stateOf(answer)).toMatchObject({
        x509: {},
        createdDateTimeUtc: expect.stringMatching(UTC),
        assignedHub: HUB,
        deviceId: 'device-1',
        status: 'assigned',
        substatus: 'initialAssignment',
        lastUpdatedDateTimeUtc: expect.stringMatching(UTC),
        etag: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
      });
    },
  },
  {
    rule: 'dps-answers.payload',
    says: 'what an allocation sends along comes as "payload"',
    source: 'azure-docs, concepts-custom-allocation',
    check: async (world) => {
      const credential = await device(world);
      const allocate = () => ({ hub: HUB, payload: { colour: 'green' } });
      world.azure.dps.enrollmentGroups.update('group', { allocate });
      expect(stateOf(await register(world, credential))).toMatchObject({ payload: { colour: 'green' } });
    },
  },
  {
    rule: 'dps-answers.failed',
    says: 'a registration that fails is answered with 200 and "failed"',
    source: SDK_PARSER,
    check: async (world) => {
      const credential = await device(world);
      const allocate = () => {
        throw new Error('status code: 400');
      };
      world.azure.dps.enrollmentGroups.update('group', { allocate });
      const answer = await register(world, credential);
      expect(answer.topic).toMatch('/res/200/');
      expect(answer.body).toMatchObject({ operationId: expect.stringMatching(OPERATION_ID), status: 'failed' });
      expect(keysOf(stateOf(answer))).toEqual([
        'registrationId',
        'createdDateTimeUtc',
        'status',
        'errorCode',
        'errorMessage',
        'lastUpdatedDateTimeUtc',
        'etag',
      ]);
      expect(stateOf(answer)).toMatchObject({ status: 'failed', errorCode: 400207 });
    },
  },
  {
    rule: 'dps-answers.disabled',
    says: 'a disabled enrollment is answered with 200, "disabled" and an empty operation id, at once',
    source: SDK_PARSER,
    check: async (world) => {
      const credential = await device(world);
      world.azure.dps.enrollmentGroups.update('group', { enabled: false });
      const answer = await put(await atDps(world, credential), 'device-1');
      expect(answer).toEqual({
        topic: '$dps/registrations/res/200/?$rid=7',
        body: {
          operationId: '',
          status: 'disabled',
          registrationState: { registrationId: 'device-1', status: 'disabled' },
        },
      });
    },
  },
  {
    rule: 'dps-answers.error',
    says: 'an error has its code, tracking id, message and time, and no status',
    source: SDK_PARSER,
    check: async (world) => {
      const client = await atDps(world, await world.ca.issue({ commonName: 'device-1' }));
      const { body, topic } = await put(client, 'device-1');
      expect(topic).toBe('$dps/registrations/res/401/?$rid=7');
      expect(keysOf(body)).toEqual(['errorCode', 'trackingId', 'message', 'timestampUtc']);
      expect(body).toMatchObject({
        trackingId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        timestampUtc: expect.stringMatching(UTC),
      });
    },
  },
  {
    rule: 'dps-answers.body-malformed',
    says: 'a body that is no JSON, or does not name the device, is answered with 400',
    source: 'azure-docs, how-to-troubleshoot-dps',
    check: async (world) => {
      const client = await subscribed(world);
      for (const body of ['', '{', '[]', 'null', '{}', '{"registrationId":1}', '{"registrationId":"device-2"}']) {
        client.publish(`${PUT}$rid=1`, body);
        expect((await answerTo(client)).topic).toBe('$dps/registrations/res/400/?$rid=1');
      }
    },
  },
  {
    rule: 'dps-exchange.unknown-field',
    says: 'a field beside registrationId, payload and tpm is refused with 400012; within payload anything goes',
    source: 'GH MicrosoftDocs/azure-docs#66740',
    check: async (world) => {
      const client = await subscribed(world);
      client.publish(`${PUT}$rid=1`, '{"registrationId":"device-1","modelId":"dtmi:a;1"}');
      expect(await answerTo(client)).toMatchObject({
        topic: '$dps/registrations/res/400/?$rid=1',
        body: { errorCode: 400012 },
      });
      client.publish(`${PUT}$rid=2`, '{"registrationId":"device-1","payload":{"modelId":"dtmi:a;1"}}');
      expect((await answerTo(client)).topic).toMatch('/res/202/');
    },
  },
  {
    rule: 'dps-exchange.unknown-field-https',
    says: 'the same over HTTPS',
    source: 'GH MicrosoftDocs/azure-docs#66740',
    check: async (world) => {
      const path = `/${world.azure.dps.idScope}/registrations/device-1/register?api-version=2019-03-31`;
      const body = { registrationId: 'device-1', modelId: 'dtmi:a;1' };
      const reply = await ask(world, { host: DPS, method: 'PUT', path, body, credential: await device(world) });
      expect([reply.status, reply.json['errorCode']]).toEqual([400, 400012]);
    },
  },
  {
    rule: 'dps-answers.operation-unknown',
    says: 'an operation that there is not, or of another device, is answered with 404',
    source: 'azure-docs, how-to-troubleshoot-dps',
    check: async (world) => {
      const client = await subscribed(world);
      expect((await poll(client, '4.x')).topic).toMatch('/res/404/');
      const { operationId } = (await put(client, 'device-1')).body;
      const other = await atDps(world, await world.ca.issue({ commonName: 'device-2' }));
      expect((await poll(other, operationId)).topic).toMatch('/res/404/');
    },
  },
  {
    rule: 'dps-clients.first-poll',
    says: 'the first poll may be answered with the result already',
    source: 'C SDK, prov_transport_mqtt_common.c',
    options: { dps: { assigningPolls: 0 } },
    check: async (world) => {
      const client = await subscribed(world);
      const { operationId } = (await put(client, 'device-1')).body;
      expect((await poll(client, operationId)).body.status).toBe('assigned');
    },
  },
  {
    rule: 'dps-clients.unassigned',
    says: '"unassigned", which is for TPM only, is never said, nor "blacklisted"',
    source: 'C SDK, prov_transport_mqtt_common.c',
    check: async (world) => {
      const { dps } = world.azure;
      const credential = await device(world);
      const client = await atDps(world, credential);
      const finished = async (): Promise<unknown> => {
        const { operationId } = (await put(client, 'device-1')).body;
        await poll(client, operationId);
        return (await poll(client, operationId)).body.status;
      };
      expect(await finished()).toBe('assigned');
      dps.unlinkHub(HUB);
      expect(await finished()).toBe('failed');
      dps.enrollmentGroups.update('group', { enabled: false });
      expect((await put(client, 'device-1')).body.status).toBe('disabled');
      dps.enrollmentGroups.delete('group');
      expect((await put(client, 'device-1')).body.status).toBeUndefined();
      const said = Buffer.concat(client.bytes).toString();
      for (const word of ['unassigned', 'blacklisted', 'authenticationKey']) expect(said).not.toContain(word);
    },
  },
  {
    rule: 'dps-clients.again',
    says: 'a device may register again on the same connection; what was created stays, what was updated does not',
    source: 'documented',
    check: async (world) => {
      const credential = await device(world);
      const first = stateOf(await register(world, credential));
      await world.clock.advance(1000);
      const second = stateOf(await register(world, credential));
      expect(second['createdDateTimeUtc']).toBe(first['createdDateTimeUtc']);
      expect(second['lastUpdatedDateTimeUtc']).not.toBe(first['lastUpdatedDateTimeUtc']);
      expect(second['etag']).not.toBe(first['etag']);
    },
  },
]);
