import { CertificateStore, createSdk, Pump, SphereDevice, VirtualClock } from '../../src/index.js';
import { LocalAzure, type Recording } from '../../src/emulator/index.js';
import { goldenWire, WIRE_MASKS } from '../../src/regression/index.js';
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

test('two digests in a message are two, though both are masked', async () => {
  const message = (fill: number): string => `thumbprint ${Buffer.alloc(32, fill).toString('base64')}`;
  const one = await session(message(1));
  expect(String(one)).toMatch(/thumbprint \(masked:[\da-f]{4}\)/);
  expect(await session(message(1))).toMatchWire(one);
  expect(await session(message(2))).not.toMatchWire(one);
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

test('a golden text is the same for the same behaviour, whatever was drawn at random, and is compared as the recording is', async () => {
  const texts = [goldenWire(golden.entries), goldenWire((await session('one', 'two')).entries)];
  expect(texts[1]).toBe(texts[0]);
  expect(golden).toMatchWire(texts[0]!);
  expect(await session('one', 'three')).not.toMatchWire(texts[0]!);
  expect(goldenWire(texts[0]!)).toBe(texts[0]);
  expect(texts[0]).not.toMatch(/"at"|thumbprint|cipher/);
  // A mask of somebody's own that leaves no JSON hides nothing in the file, and does in the comparison.
  const masks = [...WIRE_MASKS, { name: 'lengths', why: 'of this test', pattern: /"length":\d+/g, replacement: '*' }];
  const whole = goldenWire(golden.entries, { masks });
  expect(whole).toContain('"length":');
  expect(golden).toMatchWire(whole, { masks });
});

test.each([
  ['operationId', '"{\\"operationId\\":\\"4.52f8906fe2bcddb5.fc297023-ccff-4427-8d12-4e4d4ec268d9\\"}"'],
  ['correlationId', `"{\\"correlationId\\":\\"${Buffer.alloc(51, 'q').toString('base64')}\\"}"`],
  ['trackingId', `"{\\"trackingId\\":\\"${'0a'.repeat(16)}\\"}"`],
])('a golden text has no %s', (name, body) => {
  const text = `{"connection":1,"type":"http","direction":"out","status":200,"body":{"text":${body},"length":1}}\n`;
  expect(goldenWire(text)).toContain(`{\\"${name}\\":\\"*\\"}`);
});

test('an empty recording is one without connections', () => {
  expect('').toMatchWire([]);
  expect('').not.toMatchWire(golden);
});

test('an empty golden file fits nothing', () => {
  expect('').not.toMatchWire('');
  expect(() => expect([]).toMatchWire('\n')).toThrow(/What is golden is empty/);
});

test('neither does a recording that nothing came into, but for []', async () => {
  const cloud = await LocalAzure.start();
  const [one, other] = [cloud.record(), cloud.record()];
  expect(one).not.toMatchWire(other);
  expect(one).toMatchWire([]);
  await cloud.close();
});

test.each([undefined, null, {}, 5])('%p is no golden wire, and no difference', (none) => {
  for (const matches of [() => expect('').toMatchWire(none as never), () => expect('').not.toMatchWire(none as never)])
    expect(matches).toThrow(expect.objectContaining({ code: 'WIRE_INVALID' }));
  expect(() => expect(none).not.toMatchWire('{')).toThrow(expect.objectContaining({ code: 'WIRE_INVALID' }));
});

test('misspelled options are refused', () => {
  const refused = expect.objectContaining({
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining('masks is meant'),
  });
  expect(() => expect('').toMatchWire(golden, { mask: [] } as never)).toThrow(refused);
  expect(() => goldenWire('', { mask: [] } as never)).toThrow(refused);
});

test.each([
  ['no JSON', '{', /Line 1 of the recording can't be read/],
  ['no entry', '{"connection":1,"type":"closed","by":"client","reason":""}\n\n{"a":1}', /Line 3 .*no trace entry/],
])('%s is an error, not a difference', (_, text, message) => {
  expect(() => expect(text).not.toMatchWire(golden)).toThrow(
    expect.objectContaining({ code: 'WIRE_INVALID', message: expect.stringMatching(message) }),
  );
});
