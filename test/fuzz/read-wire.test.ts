// Texts and bytes of devices and services: each reader takes them with the right types, or says that it does not.
import type { IncomingHttpHeaders } from 'node:http';

import * as fc from 'fast-check';

import { VirtualClock } from '../../src/clock/index.js';
import { isRegistrationId } from '../../src/emulator/dps/registration-id.js';
import { parseDpsUsername } from '../../src/emulator/codec/dps-username.js';
import { parseDpsTopic, responseTopic } from '../../src/emulator/codec/dps-topics.js';
import type { HttpRequest } from '../../src/emulator/contract/http-service.js';
import { c2dTopic } from '../../src/emulator/hub/c2d-topic.js';
import { parsePropertyBag } from '../../src/emulator/codec/property-bag.js';
import { methodTopic, parseDeviceTopic } from '../../src/emulator/hub/hub-topics.js';
import { parseHubUsername } from '../../src/emulator/codec/hub-username.js';
import { queryValue } from '../../src/emulator/codec/query.js';
import { expiryFault, isSignedBy, parseSasToken } from '../../src/emulator/identity/sas-token.js';
import { parseBlockList } from '../../src/emulator/storage/block-list.js';
import { StorageAccount } from '../../src/emulator/storage/storage-account.js';
import { SphereIotError } from '../../src/errors.js';
import { assignmentOf, registrationRefusal } from '../../src/diagnosis/refusal.js';
import { sasToken } from '../emulator/support.js';
import { editedText, holds, mangled } from './foreign.js';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64'));
/** Of Unicode, any of it. */
const text = fc.string({ unit: 'binary', maxLength: 30 });

describe('SAS tokens', () => {
  const RESOURCE = 'contoso.azure-devices.net/devices/d';

  test('are read as they were made, in any order, and prove their key and no other', () => {
    const shuffled = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    holds(fc.tuple(keys, keys, fc.integer({ min: 1, max: 1e10 }), shuffled), ([key, other, seconds, order]) => {
      const fields = sasToken(key, RESOURCE, seconds * 1000)
        .replace('SharedAccessSignature ', '')
        .split('&');
      const token = parseSasToken(Buffer.from(`SharedAccessSignature ${order.map((i) => fields[i]).join('&')}`));
      expect(token).toMatchObject({ expiry: String(seconds), expiresAt: seconds * 1000, keyName: '' });
      expect(isSignedBy(token!, { primaryKey: other, secondaryKey: key })).toBe(true);
      expect(isSignedBy(token!, { primaryKey: other, secondaryKey: other })).toBe(key === other);
    });
  });

  test('changed, prove nothing that they did not say before', () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const rightly = sasToken(key, RESOURCE, NOW + HOUR);
    const before = parseSasToken(Buffer.from(rightly))!;
    holds(mangled(rightly, `${rightly}&skn=`, rightly.replace(/se=\d+/, `se=${'9'.repeat(400)}`)), (bytes) => {
      const token = parseSasToken(bytes);
      if (token === undefined) return;
      const { resource, expiry, expiresAt, keyName, signature } = token;
      expect([typeof resource, typeof expiry, typeof keyName]).toEqual(['string', 'string', 'string']);
      expect(Buffer.isBuffer(signature)).toBe(true);
      // A time that a timer can be set for, and a text be made of.
      expect([expiresAt, Number.isFinite(expiresAt)]).toEqual([expiresAt, true]);
      expect(['string', 'undefined']).toContain(typeof expiryFault(token, NOW));
      if (isSignedBy(token, { primaryKey: key, secondaryKey: key }))
        expect([resource, expiry]).toEqual([before.resource, before.expiry]);
    });
  });
});

describe('topics, user names and property bags', () => {
  test('property bags come back as they were encoded', () => {
    const pair = fc.tuple(fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'a=b&c', '/')), text);
    const encodable = fc.array(pair, { maxLength: 6 });
    holds(encodable, (pairs) => {
      const names = pairs.filter(([name]) => name !== '' && !name.startsWith('$.') && !name.startsWith('iothub-'));
      const wanted = new Map(names);
      const bag = names.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
      const { properties, systemProperties } = parsePropertyBag(bag);
      expect(new Map(Object.entries(properties))).toEqual(wanted);
      expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
      expect(systemProperties).toEqual({});
    });
  });

  test('cloud-to-device topics are read back by the same reader', () => {
    const options = fc.record({ messageId: text, correlationId: text, userId: text, contentType: text });
    holds(options, (all) => {
      const topic = c2dTopic('d', { ...all, expiresAt: NOW, properties: { a: 'b' } });
      const { properties, systemProperties } = parsePropertyBag(topic.slice('devices/d/messages/devicebound/'.length));
      expect(properties).toEqual({ a: 'b' });
      expect(systemProperties).toEqual({
        ...all,
        to: '/devices/d/messages/deviceBound',
        expiryTimeUtc: new Date(NOW).toISOString(),
      });
    });
  });

  test('topics, changed: all values of theirs are texts, and statuses are numbers of 32 bits', () => {
    const topics = [
      'devices/d/messages/events/%24.mid=1&a=b&$.ct=application%2Fjson',
      '$iothub/twin/GET/?$rid=1',
      '$iothub/twin/PATCH/properties/reported/?$rid=a-b',
      '$iothub/methods/res/200/?$rid=1f',
      '$dps/registrations/PUT/iotdps-register/?$rid=1',
      '$dps/registrations/GET/iotdps-get-operationstatus/?$rid=1&operationId=4.x',
    ];
    holds(mangled(...topics), (bytes) => {
      const [topic, dps] = [parseDeviceTopic(String(bytes), 'd'), parseDpsTopic(String(bytes))];
      const { kind, ...fields } = { kind: '', ...topic, ...dps } as Record<string, unknown>;
      for (const [name, value] of Object.entries(fields))
        if (name === 'status') expect([value, (value as number) | 0]).toEqual([value, value]);
        else expect(typeof value).toBe('string');
      if (topic?.kind !== 'telemetry') return;
      const { properties, systemProperties } = parsePropertyBag(topic.bag);
      for (const value of Object.values({ ...properties, ...systemProperties })) expect(typeof value).toBe('string');
      expect(kind).toBe('telemetry');
    });
  });

  test('request ids are told back as they came', () => {
    const id = text.filter((each) => !/[&\0]/.test(each));
    holds(fc.tuple(id, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })), ([rid, status]) => {
      const topic = `$iothub/methods/res/${status}/?$rid=${rid}`;
      expect(parseDeviceTopic(topic, 'd')).toEqual({ kind: 'methodResult', status, requestId: rid });
      for (const told of [responseTopic(200, rid, 3), methodTopic('m', rid)])
        expect(queryValue(told.slice(told.indexOf('?')), '$rid')).toBe(rid);
    });
  });

  test('user names, changed', () => {
    const hub =
      'contoso.azure-devices.net/d/m/?api-version=2021-04-12&DeviceClientType=c%2F1&model-id=dtmi%3Aa%3Bb%3B1';
    holds(mangled(hub, '0ne00000000/registrations/d/api-version=2019-03-31&ClientVersion=1'), (bytes) => {
      for (const parsed of [parseHubUsername(String(bytes)), parseDpsUsername(String(bytes))]) {
        for (const value of Object.values(parsed ?? {})) expect(typeof value).toBe('string');
        if (parsed !== undefined) expect(parsed.apiVersion).not.toBe('');
      }
      expect(typeof isRegistrationId(String(bytes))).toBe('boolean');
    });
  });
});

describe('blobs', () => {
  const id = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64'));

  test('a block list comes back as it was written', () => {
    const entry = fc.record({
      source: fc.constantFrom('Latest' as const, 'Committed' as const, 'Uncommitted' as const),
      id,
    });
    const filler = fc.constantFrom('', '\n', '\r\n  ');
    holds(fc.tuple(fc.array(entry, { minLength: 1 }), filler), ([list, between]) => {
      const entries = list.map(({ source, id: each }) => `<${source}>${each}</${source}>${between}`);
      const xml = `<?xml version="1.0" encoding="utf-8"?>${between}<BlockList>${between}${entries.join('')}</BlockList>`;
      expect(parseBlockList(xml)).toEqual(list);
    });
  });

  test('a request, changed anywhere, is answered with a status of the service; another blob is never touched', () => {
    const address = { container: 'uploads', blob: 'd/own.txt' };
    const other = { container: 'uploads', blob: 'e/secret.txt' };
    const storage = new StorageAccount(new VirtualClock({ start: NOW }), { limit: 100_000 });
    const sas = storage.sas(address, NOW + HOUR).slice(1);
    const ask = (parts: Partial<HttpRequest>) =>
      storage.http({
        method: 'PUT',
        path: '',
        query: '',
        headers: {},
        rawHeaders: [],
        body: Buffer.alloc(0),
        peer: {} as never,
        ...parts,
      });
    const headers: IncomingHttpHeaders = { 'x-ms-blob-type': 'BlockBlob' };
    const put = ask({
      path: `/uploads/${other.blob}`,
      query: storage.sas(other, NOW + HOUR).slice(1),
      headers,
      body: Buffer.from('secret'),
    });
    expect(put.status).toBe(201);
    const xml = '<?xml version="1.0"?><BlockList><Latest>YQ==</Latest></BlockList>';
    const request = fc.record({
      method: fc.constantFrom('PUT', 'PUT', 'PUT', 'GET', 'HEAD', 'DELETE'),
      path: fc.oneof(
        fc.constant('/uploads/d/own.txt'),
        mangled('/uploads/d%2Fown.txt', '/uploads/e/secret.txt').map(String),
      ),
      query: fc.oneof(
        fc.constantFrom(sas, `${sas}&comp=block&blockid=YQ%3D%3D`, `${sas}&comp=blocklist`),
        mangled(sas, `${sas}&comp=block&blockid=YQ%3D%3D`, `comp=blocklist&${sas}`).map(String),
      ),
      headers: fc.constantFrom(headers, {}, { ...headers, 'content-md5': 'x' }, { 'x-ms-blob-type': 'PageBlob' }),
      body: fc.oneof(fc.constantFrom(undefined, Buffer.from(xml)), mangled(xml)),
    });
    const seen = new Set<number>();
    holds(request, (each) => {
      const answer = ask(each);
      seen.add(answer.status);
      expect([200, 201, 400, 401, 403, 404, 405, 413]).toContain(answer.status);
      if (answer.status < 300) expect(decodeURIComponent(each.path)).toBe(`/uploads/${address.blob}`);
      expect(String(answer.body ?? '')).not.toContain('secret');
      expect(storage.blob(other)?.body.toString()).toBe('secret');
    });
    expect([...seen]).toEqual(expect.arrayContaining([201, 400, 403]));
  });
});

test('answers of DPS, changed: a refusal in words, an assignment of texts, or nothing', () => {
  const context = { name: 'global.azure-devices-provisioning.net', clientId: 'd', username: '', credential: undefined };
  const bodies = [
    { operationId: '4', status: 'assigned', registrationState: { assignedHub: 'h', deviceId: 'd' } },
    { operationId: '4', status: 'failed', registrationState: { errorCode: 400208, errorMessage: 'no hub' } },
    { errorCode: 401002, trackingId: 't', message: 'Unauthorized', timestampUtc: '2026' },
    { status: 'disabled', registrationState: { status: 'disabled' } },
  ];
  const topics = mangled('$dps/registrations/res/401/?$rid=1', '$dps/registrations/res/200/?$rid=1').map(String);
  const topic = fc.oneof(fc.constant('$dps/registrations/res/401/?$rid=1'), topics);
  const payload = fc.oneof(editedText(...bodies), mangled(...bodies.map((body) => JSON.stringify(body))).map(String));
  holds(fc.tuple(topic, payload), ([name, body]) => {
    const refusal = registrationRefusal(name, body, { ...context, registrations: new Map(), now: NOW });
    if (refusal !== undefined) {
      expect(refusal).toBeInstanceOf(SphereIotError);
      expect(['DPS_DISABLED', 'DPS_REGISTRATION_REFUSED']).toContain(refusal.code);
      expect(refusal.message).not.toMatch(/native code|undefined|\[object/);
    }
    expect(['string', 'undefined']).toContain(typeof assignmentOf(body));
  });
});
