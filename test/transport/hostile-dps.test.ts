// What a DPS may answer to a device that registers without C calls: each ends in a typed error, and costs no more than its limit.
import { SphereDevice } from '../../src/device/index.js';
import { SphereIotError } from '../../src/errors.js';
import { hostileService, publish, type Hostile } from '../support/hostile-service.js';
import { HUB, startSphere, type Sphere } from '../support/sphere.js';

const MIB = 1024 * 1024;
const ASSIGNED = `{"operationId":"1","status":"assigned","registrationState":{"assignedHub":"${HUB}","deviceId":"d"}}`;

let hostile: Hostile;
let sphere: Sphere;
let errors: unknown[];
let asked: number;
let answer: (topic: string) => Buffer | undefined;

beforeEach(async () => {
  hostile = await hostileService();
  asked = 0;
  hostile.say = (socket, packet) => {
    if (packet.cmd !== 'publish' || !packet.topic.startsWith('$dps/')) return;
    asked++;
    const bytes = answer(packet.topic);
    if (bytes !== undefined) socket.write(bytes);
  };
  errors = [];
  sphere = await startSphere({
    pump: { onError: (error) => void errors.push(error) },
    sdk: { resolve: hostile.resolve, trustRoots: hostile.trustRoots },
  });
});

function device(): SphereDevice {
  const { sdk, pump, cloud } = sphere;
  return new SphereDevice({ sdk, pump, idScope: cloud.dps.idScope });
}

/** Its outcome, within ten minutes. */
async function registered(): Promise<string> {
  const { clock } = sphere;
  const registering = device();
  try {
    await clock.runUntil(registering.provision({ timeout: 600_000 }));
    return 'registered';
  } catch (error) {
    expect(error).toBeInstanceOf(SphereIotError);
    return (error as SphereIotError).code;
  } finally {
    registering.close();
    await clock.advance(1000);
    for (const error of errors) expect(error).toBeInstanceOf(SphereIotError);
  }
}

async function honestNext(): Promise<void> {
  answer = () => publish('$dps/registrations/res/200/?$rid=1', ASSIGNED);
  expect(await registered()).toBe('registered');
}

const assigning = (operationId: string): string => JSON.stringify({ operationId, status: 'assigning' });

test.each(['', '0', '-1', '0.000001', '1e308', 'NaN', '99999999999999999999', '4294967297'])(
  'that says for ever "not yet", with Retry-After %p, is asked again at most once a second',
  async (after) => {
    answer = () => publish(`$dps/registrations/res/202/?$rid=1&retry-after=${after}`, assigning('1'));
    expect(['TIMED_OUT', 'PROVISIONING_FAILED']).toContain(await registered());
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(600);
    await honestNext();
  },
);

test.each([60_000, 70_000, MIB])('whose operation has an id of %d characters', async (length) => {
  answer = () => publish('$dps/registrations/res/202/?$rid=1&retry-after=1', assigning('o'.repeat(length)));
  expect(['TIMED_OUT', 'PROVISIONING_FAILED']).toContain(await registered());
  expect(asked).toBeLessThan(600);
  await honestNext();
});

test.each<[string, Buffer]>([
  [
    '10,000 answers at once',
    Buffer.concat(Array.from({ length: 10_000 }, () => publish('$dps/registrations/res/202/?$rid=1', assigning('1')))),
  ],
  [
    '10,000 packets of other topics',
    Buffer.concat(Array.from({ length: 10_000 }, (_, i) => publish(`$dps/${i}`, 'x'))),
  ],
  ['a packet of 1 MB', publish('$dps/registrations/res/200/?$rid=1', `{"a":"${'x'.repeat(MIB)}"}`)],
  ['no status', publish('$dps/registrations/res/', ASSIGNED)],
])('that says %s', async (_, bytes) => {
  answer = () => (asked === 1 ? bytes : undefined);
  expect(['TIMED_OUT', 'PROVISIONING_FAILED']).toContain(await registered());
  await honestNext();
});

test('that goes on after the device has said goodbye', async () => {
  const { say } = hostile;
  let after = 0;
  hostile.say = (socket, packet) => {
    say(socket, packet);
    if (packet.cmd !== 'disconnect') return;
    after++;
    for (let i = 0; i < 100; i++) socket.write(publish('$dps/registrations/res/200/?$rid=1', ASSIGNED));
  };
  await honestNext();
  await honestNext();
  expect(after).toBe(2);
});
