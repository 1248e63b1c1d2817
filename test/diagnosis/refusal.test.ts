import { connectRefusal } from '../../src/diagnosis/refusal.js';

const CONTEXT = {
  name: 'contoso.azure-devices.net',
  clientId: 'device-1',
  username: 'contoso.azure-devices.net/device-1/',
  now: 0,
};

test.each([
  [1, /return code 1\): it does not take this version of MQTT/],
  [2, /return code 2\): it does not take this client id/],
  [3, /return code 3\): it is not available, or has disabled the device/],
  [5, /return code 5\): no device device-1 is registered there/],
])('a hub that answers %d: why', (returnCode, message) => {
  expect(connectRefusal(returnCode, { ...CONTEXT, credential: undefined, registrations: new Map() })).toMatchObject({
    code: 'HUB_CONNECT_REFUSED',
    message: expect.stringMatching(message),
  });
});
