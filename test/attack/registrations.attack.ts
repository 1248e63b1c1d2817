// Registrations under ids that are almost another's.
import type { Credential } from '../../src/certificates/index.js';
import { put, register } from '../emulator/dps-device.js';
import { ask } from '../emulator/https.js';
import { DPS, dpsConnect, World } from '../emulator/support.js';
import { attacks } from './attack-table.js';

const KELVIN = '\u212a';
const VICTIM = 'kettle-1';
const MANY = 20;

let world: World;
let victim: Credential;
let kelvin: Credential;
let number = 0;
beforeAll(async () => {
  world = await World.create();
  await world.enroll();
  victim = await world.ca.issue({ commonName: VICTIM });
  kelvin = await world.ca.issue({ commonName: `${KELVIN}ettle-1` });
  await register(world, victim);
});
afterAll(() => world.close());

/** Registers so many devices, one after the other. */
async function honest(): Promise<void> {
  for (let i = 0; i < MANY; i++) {
    const { body } = await register(world, await world.ca.issue({ commonName: `device-${++number}` }));
    expect(body.status).toBe('assigned');
  }
}

async function refused(registrationId: string, credential: Credential, status: number): Promise<void> {
  const client = await world.open(DPS, credential);
  const connack = await client.connect(dpsConnect(world.azure.dps.idScope, registrationId));
  expect(connack.returnCode).toBe(5);
  await client.closed();
  const path = `/${world.azure.dps.idScope}/registrations/${encodeURIComponent(registrationId)}/register?api-version=2021-06-01`;
  const request = { host: DPS, method: 'PUT', path, body: { registrationId }, credential };
  expect((await ask(world, request)).status).toBe(status);
}

/** Who is in the hub, and by what he is known. */
const identities = () => world.hub.devices.list().map(({ deviceId, authentication }) => ({ deviceId, authentication }));

async function unchanged(attack: () => Promise<void>): Promise<void> {
  const before = identities();
  await attack();
  expect(identities()).toEqual(before);
}

attacks(`${MANY} registrations`, [
  {
    name: 'whose common name has the Kelvin sign in the place of a k',
    honest,
    attack: () =>
      unchanged(async () => {
        for (let i = 0; i < MANY; i++) {
          await refused(VICTIM, kelvin, 401);
          await refused(`${KELVIN}ettle-1`, kelvin, 400);
        }
      }),
    times: 10,
  },
  {
    name: "for an operator's identity with a key",
    honest,
    attack: async () => {
      const deviceId = `operators-${++number}`;
      world.hub.devices.create({ deviceId, authentication: { type: 'sas' } });
      const credential = await world.ca.issue({ commonName: deviceId });
      await unchanged(async () => {
        for (let i = 0; i < MANY; i++)
          expect((await register(world, credential)).body['registrationState']).toMatchObject({ errorCode: 400209 });
      });
    },
    times: 10,
  },
  {
    name: 'for an identity that an operator made anew with a key, where DPS had made one',
    honest,
    attack: async () => {
      const deviceId = `anew-${++number}`;
      const credential = await world.ca.issue({ commonName: deviceId });
      await register(world, credential);
      world.hub.devices.delete(deviceId);
      world.hub.devices.create({ deviceId, authentication: { type: 'sas' } });
      await unchanged(async () => {
        for (let i = 0; i < MANY; i++)
          expect((await register(world, credential)).body['registrationState']).toMatchObject({ errorCode: 400209 });
      });
    },
    times: 10,
  },
  {
    name: 'of one certificate, each in another case',
    honest,
    attack: () =>
      unchanged(async () => {
        for (let i = 1; i <= MANY; i++) {
          const id = [...VICTIM].map((letter, at) => ((i >> (at % 5)) & 1 ? letter.toUpperCase() : letter)).join('');
          const client = await world.open(DPS, victim);
          expect(await client.connect(dpsConnect(world.azure.dps.idScope, id))).toMatchObject({ returnCode: 0 });
          await client.subscribe('$dps/registrations/res/#', 1);
          expect((await put(client, id)).body.status).toBe('assigning');
          client.send({ cmd: 'disconnect' });
          await client.closed();
        }
        expect(
          world.azure.dps.registrations.list().filter(({ registrationId }) => /^kettle-1$/i.test(registrationId)),
        ).toHaveLength(1);
      }),
    times: 10,
  },
]);
