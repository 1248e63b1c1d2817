import type { HubDevice } from '../../src/emulator/index.js';
import type { ClientProcess } from './client-process.js';

/** All that device-client.cjs does, as its hub sees it: telemetry, twin, methods, and that it goes. */
export async function tour(client: ClientProcess, device: HubDevice): Promise<void> {
  const message = await device.nextTelemetry();
  expect(JSON.parse(message.body.toString())).toEqual({ temperature: 21 });
  expect(message).toMatchObject({
    properties: { 'k&1': 'v=1' },
    systemProperties: { messageId: 'm 1', contentType: 'application/json', contentEncoding: 'utf-8' },
  });
  expect(await device.reported(({ ready }) => ready === true)).toMatchObject({ ready: true });
  const version = device.updateDesired({ interval: { seconds: 5 } });
  expect(await device.reported((reported) => reported['version'] === version)).toMatchObject({
    seen: { interval: { seconds: 5 } },
  });
  const payload = { text: 'ü', list: [1, null] };
  await expect(device.invokeMethod('echo', payload, { connectTimeout: 10_000 })).resolves.toEqual({
    status: 200,
    payload,
  });
  // With a payload: the device client for Node can't parse an empty body.
  await device.invokeMethod('leave', null);
  await device.disconnected();
  await expect(client.finished).resolves.toEqual({ exitCode: 0, output: undefined, errors: '' });
}
