import type { Packet } from 'mqtt-packet';

import type { SymmetricKey } from '../../../src/emulator/index.js';
import { HUB, hubConnect, sasToken, World, type RawClient } from '../support.js';

const HOUR = 3_600_000;
const RESOURCE = `${HUB}/devices/device-1`;

describe('SAS on the hub', () => {
  let world: World;
  let key: SymmetricKey;

  beforeEach(async () => {
    world = await World.create();
    key = create('device-1');
  });
  afterEach(() => world.close());

  const create = (deviceId: string, given?: Partial<SymmetricKey>): SymmetricKey => {
    const symmetricKey = given === undefined ? {} : { symmetricKey: given };
    const { authentication } = world.hub.devices.create({ deviceId, authentication: { type: 'sas', ...symmetricKey } });
    if (authentication.type !== 'sas') throw new Error('not sas');
    return authentication.symmetricKey;
  };

  const connect = async (password: string): Promise<{ client: RawClient; connack: Packet; reason: unknown }> => {
    const client = await world.open(HUB);
    const connack = await client.connect(hubConnect('device-1', { password: Buffer.from(password) }));
    const event = world.hub.events().at(-1);
    return { client, connack, reason: event?.type === 'authenticationFailed' ? event.reason : undefined };
  };

  const inAnHour = (): number => world.clock.now() + HOUR;

  test('makes keys of 32 bytes, or takes those that are given', () => {
    expect(Buffer.from(key.primaryKey, 'base64')).toHaveLength(32);
    expect(key.primaryKey).not.toBe(key.secondaryKey);
    const primaryKey = Buffer.alloc(64, 1).toString('base64');
    expect(create('device-2', { primaryKey })).toEqual({ primaryKey, secondaryKey: expect.stringMatching(/.{44}/) });
    const bad = (): unknown => create('device-3', { primaryKey: 'not-a-key!' });
    expect(bad).toThrow(expect.objectContaining({ code: 'SYMMETRIC_KEY_INVALID' }));
    expect(bad).not.toThrow(/not-a-key/);
  });

  test('gives connection strings', async () => {
    expect(world.hub.devices.connectionString('device-1')).toBe(
      `HostName=${HUB};DeviceId=device-1;SharedAccessKey=${key.primaryKey}`,
    );
    await world.device('device-2');
    expect(world.hub.devices.connectionString('device-2')).toBe(`HostName=${HUB};DeviceId=device-2;x509=true`);
    expect(() => world.hub.devices.connectionString('x')).toThrow(
      expect.objectContaining({ code: 'DEVICE_NOT_FOUND' }),
    );
  });

  test.each([
    ['as clients for Node encode it', RESOURCE, encodeURIComponent],
    [
      'with lower-case hex',
      RESOURCE,
      (text: string) => encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase()),
    ],
    ['not encoded, as the C SDK sends it', RESOURCE, (text: string) => text],
    ['in another case', RESOURCE.toUpperCase(), encodeURIComponent],
    ['for a listener of this machine', 'localhost:1234/devices/device-1', encodeURIComponent],
  ])('takes a token %s, by either key', async (_, resource, encode) => {
    for (const signing of [key.primaryKey, key.secondaryKey])
      expect((await connect(sasToken(signing, resource, inAnHour(), { encode }))).connack).toMatchObject({
        returnCode: 0,
      });
  });

  test('takes an empty skn', async () => {
    expect((await connect(sasToken(key.primaryKey, RESOURCE, inAnHour(), { keyName: '' }))).connack).toMatchObject({
      returnCode: 0,
    });
  });

  test('refuses everything else with CONNACK 5, and tells no secret', async () => {
    const token = (resource: string, expiresAt = inAnHour(), keyName?: string): string =>
      sasToken(key.primaryKey, resource, expiresAt, keyName === undefined ? {} : { keyName });
    const stranger = sasToken(Buffer.alloc(32).toString('base64'), RESOURCE, inAnHour());
    const cases: [string, RegExp][] = [
      ['', /password is empty/],
      [key.primaryKey, /no SharedAccessSignature/],
      ['SharedAccessSignature sr=x&sig=y&se=soon', /no SharedAccessSignature/],
      [stranger, /not signed/],
      [token(`fabrikam.azure-devices.net/devices/device-1`), /for fabrikam/],
      [token(`${HUB}/devices/device-2`), /devices\/device-2, not/],
      [token(`${HUB}/devices/device-1-suffix`), /devices\/device-1-suffix, not/],
      [token(RESOURCE, world.clock.now()), /expired at 2026-01-01T00:00:00.000Z/],
      [token(RESOURCE, inAnHour(), 'iothubowner'), /policy iothubowner/],
    ];
    for (const [password, expected] of cases) {
      const { client, connack, reason } = await connect(password);
      expect([connack, reason]).toMatchObject([{ returnCode: 5 }, expect.stringMatching(expected)]);
      await client.closed();
    }
    const told = JSON.stringify([world.hub.events(), world.azure.events()]);
    for (const secret of [key.primaryKey, key.secondaryKey, stranger]) expect(told).not.toContain(secret);
  });

  test('ignores a client certificate, and does without a token where the device has one', async () => {
    const credential = await world.device('device-2');
    const client = await world.open(HUB, await world.ca.issue({ commonName: 'device-1' }));
    const password = Buffer.from(sasToken(key.primaryKey, RESOURCE, inAnHour()));
    expect((await client.connect(hubConnect('device-1', { password }))).returnCode).toBe(0);
    await world.online(credential, { password: Buffer.from('whatever') });
  });

  test('closes the connection when the token expires, by the clock', async () => {
    const { client } = await connect(sasToken(key.primaryKey, RESOURCE, inAnHour()));
    await world.clock.advance(HOUR - 1);
    expect(client.isClosed).toBe(false);
    await world.clock.advance(1);
    await client.closed();
    expect(world.hub.events().at(-1)).toMatchObject({
      type: 'disconnected',
      at: world.clock.now(),
      reason: 'the SAS token expired (401003)',
    });
  });

  test('a changed key counts from the next connection on', async () => {
    const { client } = await connect(sasToken(key.primaryKey, RESOURCE, inAnHour()));
    world.hub.devices.update('device-1', { authentication: { type: 'sas' } });
    await world.clock.advance(1);
    expect(client.isClosed).toBe(false);
    expect((await connect(sasToken(key.primaryKey, RESOURCE, inAnHour()))).connack).toMatchObject({ returnCode: 5 });
  });

  test.each(['disable', 'delete'])('the connection ends on %s', async (what) => {
    const { client } = await connect(sasToken(key.primaryKey, RESOURCE, inAnHour()));
    if (what === 'disable') world.hub.devices.update('device-1', { enabled: false });
    else world.hub.devices.delete('device-1');
    await client.closed();
    expect((await connect(sasToken(key.primaryKey, RESOURCE, inAnHour()))).connack).toMatchObject({ returnCode: 5 });
  });
});
