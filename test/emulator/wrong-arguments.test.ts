// What a program in JavaScript may give, whatever the types say: it is told what is wrong, by a code.
import { Catalog } from '../../src/certificates/index.js';
import { World } from './support.js';

let world: World;
beforeEach(async () => void (world = await World.create()));
afterEach(() => world.close());

const sas = { type: 'sas' };

test.each<[object, string]>([
  [{}, 'OPTIONS_INVALID'],
  [{ deviceId: 5, authentication: sas }, 'DEVICE_ID_INVALID'],
  [{ authentication: sas }, 'DEVICE_ID_INVALID'],
  [{ deviceId: 'z' }, 'OPTIONS_INVALID'],
  [{ deviceId: 'z', authentication: 'sas' }, 'OPTIONS_INVALID'],
  [{ deviceId: 'z', authentication: { type: 'x509' } }, 'OPTIONS_INVALID'],
  [{ deviceId: 'z', authentication: { type: 'selfSigned' } }, 'DEVICE_AUTHENTICATION_INVALID'],
  [
    { deviceId: 'z', authentication: { type: 'selfSigned', thumbprints: { primary: 5 } } },
    'DEVICE_AUTHENTICATION_INVALID',
  ],
  [{ deviceId: 'z', authentication: { ...sas, symmetricKey: null } }, 'OPTIONS_INVALID'],
  [{ deviceId: 'z', authentication: { ...sas, symmetricKey: { primaryKey: 5 } } }, 'SYMMETRIC_KEY_INVALID'],
])('a device of %j: %s', (options, code) => {
  expect(() => world.hub.devices.create(options as never)).toThrow(expect.objectContaining({ code }));
  expect(world.hub.devices.list()).toEqual([]);
});

test.each<[object, string]>([
  [{ id: 'x', attestation: { symmetricKey: {} } }, 'OPTIONS_INVALID'],
  [{ registrationId: 5, attestation: { symmetricKey: {} } }, 'REGISTRATION_ID_INVALID'],
  [{ registrationId: 'x', attestation: { symmetricKey: { primaryKey: 5 } } }, 'SYMMETRIC_KEY_INVALID'],
])('an individual enrollment of %j: %s', (options, code) => {
  expect(() => world.azure.dps.enrollments.create(options as never)).toThrow(expect.objectContaining({ code }));
  expect(world.azure.dps.enrollments.list()).toEqual([]);
});

describe.each([undefined, null, 5, -0, {}, [], () => 'kettle-1'])('%p in the place of a name', (name) => {
  const calls: readonly (readonly [string, (name: never) => unknown])[] = [
    ['DEVICE_ID_INVALID', (id) => world.hub.device(id)],
    ['DEVICE_NOT_FOUND', (id) => world.hub.devices.get(id)],
    ['DEVICE_NOT_FOUND', (id) => world.hub.devices.delete(id)],
    ['ENROLLMENT_NOT_FOUND', (id) => world.azure.dps.enrollments.get(id)],
    ['ENROLLMENT_NOT_FOUND', (id) => world.azure.dps.enrollments.update(id, { enabled: false })],
    ['ENROLLMENT_NOT_FOUND', (id) => world.azure.dps.enrollments.delete(id)],
    ['REGISTRATION_NOT_FOUND', (id) => world.azure.dps.registrations.get(id)],
    ['REGISTRATION_NOT_FOUND', (id) => world.azure.dps.registrations.delete(id)],
  ];
  test.each(calls)('%s: %s', (code, call) => {
    expect(() => call(name as never)).toThrow(expect.objectContaining({ code }));
  });

  test('finds nothing, and leads nowhere', () => {
    expect(world.azure.dps.registrations.find(name as never)).toBeUndefined();
    expect(world.azure.resolve(name as never, 8883)).toBeUndefined();
    if (name !== undefined)
      expect(() => world.azure.hub(name as never)).toThrow(expect.objectContaining({ code: 'HUB_NOT_FOUND' }));
  });
});

test.each([undefined, null, 5, [], { authentication: 5 }, { authentication: {} }, { enabled: 1 }, { disabled: true }])(
  'a device is not changed by %j',
  (change) => {
    const before = world.hub.devices.create({ deviceId: 'a', authentication: { type: 'sas' } });
    expect(() => world.hub.devices.update('a', change as never)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
    expect(world.hub.devices.get('a')).toEqual(before);
  },
);

test.each([
  undefined,
  null,
  5,
  [],
  { commonName: 'a', usage: 'ca' },
  { commonName: 'a', curve: 'P-521' },
  { name: 'a' },
])('an authority issues nothing for %j', async (options) => {
  await expect(world.ca.issue(options as never)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
});

test.each([undefined, null, 5, {}, []])('a catalog has no device %j', async (id) => {
  const catalog = await Catalog.create({ clock: world.clock });
  expect(() => catalog.device(id as never)).toThrow(expect.objectContaining({ code: 'DEVICE_ID_INVALID' }));
});
