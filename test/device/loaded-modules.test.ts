// What a program loads that connects a device: nothing that this path does not need.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const root = path.join(__dirname, '../..');

/** Creates a client and has it connect to where nobody listens; prints the packages that are loaded. */
const PROGRAM = `
const { createSdk, Pump } = require(${JSON.stringify(path.join(root, 'dist/cjs/index.js'))});
(async () => {
  const sdk = await createSdk({ resolve: () => ({ kind: 'tcp', host: '127.0.0.1', port: 1 }) });
  const text = 'HostName=contoso.azure-devices.net;DeviceId=kettle;x509=true';
  const client = sdk.IoTHubDeviceClient_LL_CreateFromConnectionString(text, sdk.MQTT_Protocol);
  const message = sdk.IoTHubMessage_CreateFromString('1');
  sdk.IoTHubDeviceClient_LL_SendEventAsync(client, message, null);
  const pump = new Pump(sdk);
  pump.add(client);
  while (sdk.diagnostics.length === 0) await new Promise(setImmediate);
  console.log(JSON.stringify([sdk.diagnostics[0].code, ...Object.keys(require.cache)]));
  sdk.close();
})();
`;

test('the packages of the connect path', () => {
  const [code, ...files] = JSON.parse(
    execFileSync(process.execPath, ['-e', PROGRAM], { encoding: 'utf8' }),
  ) as string[];
  expect(code).toBe('CONNECTION_FAILED');
  const packages = new Set(files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'sphere-iot'));
  // mqtt-packet, for what a service says of a refusal, and what that loads.
  expect([...packages].sort()).toEqual([
    'bl',
    'debug',
    'has-flag',
    'inherits',
    'mqtt-packet',
    'ms',
    'process',
    'process-nextick-args',
    'readable-stream',
    'safe-buffer',
    'sphere-iot',
    'string_decoder',
    'supports-color',
  ]);
  expect(files.filter((file) => /\/(emulator|app|cli|regression|jest)\//.test(path.relative(root, file)))).toEqual([]);
});
