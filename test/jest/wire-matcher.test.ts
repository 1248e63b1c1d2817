import { CertificateStore, createSdk, Pump, SphereDevice, VirtualClock } from '../../src/index.js';
import { LocalAzure, type Recording } from '../../src/emulator/index.js';
import { WIRE_MASKS } from '../../src/regression/index.js';
import { toMatchWire } from '../../src/jest/index.js';

expect.extend({ toMatchWire });

const KEY = Buffer.alloc(32, 7).toString('base64');

/** A device that sends these messages, one after the other, and is gone. */
async function session(...messages: string[]): Promise<Recording> {
  const clock = new VirtualClock();
  const cloud = await LocalAzure.start({ clock });
  const { name, devices } = cloud.hub();
  devices.create({ deviceId: 'kettle', authentication: { type: 'sas', symmetricKey: { primaryKey: KEY } } });
  const { resolve, trustRoots } = cloud;
  const sdk = await createSdk({ clock, store: new CertificateStore(), resolve, trustRoots });
  const pump = new Pump(sdk);
  const connectionString = `HostName=${name};DeviceId=kettle;SharedAccessKey=${KEY}`;
  const device = new SphereDevice({ sdk, pump, connectionString });
  const wire = cloud.record();
  await clock.runUntil(device.connect());
  for (const message of messages) await clock.runUntil(device.sendTelemetry(message));
  device.close();
  await clock.advance(1000);
  wire.stop();
  pump.close();
  sdk.close();
  await cloud.close();
  return wire;
}

let golden: Recording;
beforeAll(async () => {
  golden = await session('one', 'two');
});

test('the same passes: a recording, its entries, or JSON lines', async () => {
  const again = await session('one', 'two');
  expect(again).toMatchWire(golden);
  expect(again.entries).toMatchWire(golden.entries);
  expect(String(again)).toMatchWire(String(golden));
});

test('another message, one more, one less: the difference is shown with both sides', async () => {
  const other = await session('one', 'three');
  expect(other).not.toMatchWire(golden);
  expect(() => expect(other).toMatchWire(golden)).toThrow(
    /^Expected the wire to be as the golden one\. They first differ here:\n\nConnection 1, to contoso\.azure-devices\.net, what the device did:\n[^]*\n {2}expected .*"text":"two".*\n[^]*\n {2}received .*"text":"three"/,
  );
  expect(() => expect(golden).not.toMatchWire(golden)).toThrow(/^Expected another wire than the golden one\./);
  const shorter = await session('one');
  expect(() => expect(shorter).toMatchWire(golden)).toThrow(/expected .*"text":"two"/);
  expect(() => expect(golden).toMatchWire(shorter)).toThrow(/received .*"text":"two"/);
});

test('what is masked beside is not looked at', async () => {
  const other = await session('one', 'three');
  const message = {
    name: 'messages',
    why: 'of this test',
    pattern: /"text":"(two|three)","length":\d+/g,
    replacement: '*',
  };
  expect(other).toMatchWire(golden, { masks: [...WIRE_MASKS, message] });
});

test('an empty recording is one without connections', () => {
  expect('').toMatchWire([]);
  expect('').not.toMatchWire(golden);
});

test('an empty golden file fits nothing', () => {
  expect('').not.toMatchWire('');
  expect(() => expect([]).toMatchWire('\n')).toThrow(/The golden file is empty/);
});

test.each([
  ['no JSON', '{', /Line 1 of the recording can't be read/],
  ['no entry', '{"connection":1,"type":"closed","by":"client","reason":""}\n\n{"a":1}', /Line 3 .*no trace entry/],
])('%s is an error, not a difference', (_, text, message) => {
  expect(() => expect(text).not.toMatchWire(golden)).toThrow(
    expect.objectContaining({ code: 'WIRE_INVALID', message: expect.stringMatching(message) }),
  );
});
