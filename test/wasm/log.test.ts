// The SDK's log lines, as the logger gets them.
import { IOTHUB_MESSAGE_RESULT } from '../../src/sdk/index.js';
import { connectedHub, startSphere, textMessage } from '../support/sphere.js';

test('level, message, path inside the SDK, function and line', async () => {
  const { sdk, log } = await startSphere();
  expect(sdk.IoTHubMessage_CreateFromString(null)).toBeNull();
  expect(log).toEqual([
    {
      level: 'error',
      message: 'Invalid argument - source is NULL',
      file: 'iothub_client/src/iothub_message.c',
      function: 'IoTHubMessage_CreateFromString',
      line: expect.any(Number) as number,
    },
  ]);
  expect(log[0]?.line).toBeGreaterThan(1);
});

test('no line names a path of the machine that built it', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, log, clock } = sphere;
  const hub = await connectedHub(sphere);
  expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'logtrace', true)).toBe(0);
  sdk.IoTHubMessage_SetMessageId(null as never, 'x');
  sphere.cloud.hub().device(sphere.deviceId).disconnect();
  await clock.advance(10_000);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
  const files = new Set(log.map(({ file }) => file));
  expect(files.size).toBeGreaterThan(2);
  for (const name of files) expect(name).toMatch(/^(runtime|[a-z_-]+(\/[A-Za-z0-9_.-]+)*\.[ch])$/);
});

test('a trace that C writes in pieces comes as one line', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, log, clock } = sphere;
  const hub = await connectedHub(sphere);
  sdk.IoTHubDeviceClient_LL_SetOption(hub, 'logtrace', true);
  const message = textMessage(sphere, '1');
  sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, null);
  sdk.IoTHubMessage_Destroy(message);
  await clock.advance(1000);
  const traces = log.filter(({ level, message: text }) => level === 'trace' && text.includes('PUBLISH'));
  expect(traces.length).toBeGreaterThan(0);
  expect(traces.some(({ message: text }) => /PUBLISH.*PACKET_ID/.test(text))).toBe(true);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('a token in what it traces is masked', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, log, clock } = sphere;
  const hub = await connectedHub(sphere);
  sdk.IoTHubDeviceClient_LL_SetOption(hub, 'logtrace', true);
  const message = textMessage(sphere, '1');
  sdk.IoTHubMessage_SetProperty(message, 'url', 'https://x/y?sv=1&sig=topSecret&se=1');
  sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, null);
  sdk.IoTHubMessage_Destroy(message);
  await clock.advance(1000);
  const text = log.map((line) => line.message).join('');
  expect(text).toMatch(/TOPIC_NAME: devices\S*url=https:\S*&sig=\(masked\)&se=1 /);
  expect(text).not.toContain('topSecret');
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('what a logger throws reaches the caller, and C goes on', async () => {
  const { sdk } = await startSphere({
    sdk: {
      logger: () => {
        throw new Error('from the logger');
      },
    },
  });
  expect(() => sdk.IoTHubMessage_CreateFromString(null)).toThrow('from the logger');
  expect(sdk.IoTHubClient_GetVersionString()).toBe('1.14.0');
});

test('without a logger nothing is written anywhere', async () => {
  const write = jest.spyOn(process.stderr, 'write');
  const out = jest.spyOn(process.stdout, 'write');
  try {
    const { sdk } = await startSphere({ sdk: { logger: undefined } });
    expect(sdk.IoTHubMessage_SetMessageId(null as never, 'x')).toBe(IOTHUB_MESSAGE_RESULT.IOTHUB_MESSAGE_INVALID_ARG);
    expect(write).not.toHaveBeenCalled();
    expect(out).not.toHaveBeenCalled();
  } finally {
    write.mockRestore();
    out.mockRestore();
  }
});
