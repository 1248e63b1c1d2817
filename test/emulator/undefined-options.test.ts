// An option that is undefined has been left out.
import { atDps, put } from './dps-device.js';
import { World } from './support.js';

describe('an option that is undefined', () => {
  test('of DPS leaves the default', async () => {
    const world = await World.create({
      dps: {
        assigningPolls: undefined,
        retryAfterSeconds: undefined,
        credentialMode: undefined,
        reprovisionPolicy: undefined,
        refusalMessages: undefined,
      },
    });
    await world.enroll();
    const client = await atDps(world, await world.ca.issue({ commonName: 'device-1' }));
    expect((await put(client, 'device-1')).topic).toBe('$dps/registrations/res/202/?$rid=7&retry-after=3');
    const stranger = await atDps(world, await world.device('device-2'));
    world.azure.dps.certificates.delete('ca');
    expect((await put(stranger, 'device-2')).body).toMatchObject({ message: 'CA certificate not found.' });
    await world.close();
  });

  test('of a change of an enrollment leaves it enabled', async () => {
    const world = await World.create();
    await world.enroll();
    const { enrollmentGroups, enrollments } = world.azure.dps;
    enrollments.create({ registrationId: 'one', attestation: { symmetricKey: {} } });
    const change = { enabled: undefined } as unknown as { enabled: boolean };
    expect(enrollmentGroups.update('group', change).enabled).toBe(true);
    expect(enrollments.update('one', change).enabled).toBe(true);
    await world.close();
  });

  test('of a recording leaves payloads whole', async () => {
    const world = await World.create();
    const recording = world.azure.record({ payloadLimit: undefined });
    const client = await world.online(await world.device('device-1'));
    client.publish('devices/device-1/messages/events/', 'x'.repeat(5000), 1);
    await client.next('puback');
    const text = recording.entries.map((entry) => JSON.stringify(entry)).join('\n');
    expect(text).toContain('x'.repeat(5000));
    await world.close();
  });
});
