// What a program in JavaScript may give, whatever the types say: it is told what is wrong, by a code.
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
