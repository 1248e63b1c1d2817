// A device on the unmodified azure-iot-device: sends one message, answers the method `echo`, reports what is desired,
// and goes when the method `leave` is called.
// stdin: {"hostName","deviceId","cert","key","ca","webSocket"}; stdout: {"error"} or nothing.
const { readFileSync } = require('node:fs');
const { Client, Message } = require('azure-iot-device');
const { Mqtt, MqttWs } = require('azure-iot-device-mqtt');

const { hostName, deviceId, cert, key, ca, webSocket } = JSON.parse(readFileSync(0, 'utf8'));

async function main() {
  const client = Client.fromConnectionString(
    `HostName=${hostName};DeviceId=${deviceId};x509=true`,
    webSocket ? MqttWs : Mqtt,
  );
  await client.setOptions({ cert, key, ca, modelId: 'dtmi:example:thermostat;1' });
  client.setRetryPolicy(new (require('azure-iot-common').NoRetry)());
  await client.open();
  client.onDeviceMethod('echo', (request, response) => response.send(200, request.payload));
  client.onDeviceMethod('leave', async (_, response) => {
    await response.send(200);
    await client.close();
  });
  const twin = await client.getTwin();
  const report = (patch) =>
    new Promise((done, fail) => twin.properties.reported.update(patch, (e) => (e ? fail(e) : done())));
  twin.on('properties.desired', ({ $version, ...desired }) => report({ seen: desired, version: $version }));
  await report({ ready: true });
  const message = new Message(JSON.stringify({ temperature: 21 }));
  message.messageId = 'm 1';
  message.contentType = 'application/json';
  message.contentEncoding = 'utf-8';
  message.properties.add('k&1', 'v=1');
  await client.sendEvent(message);
}

main().catch((error) => {
  console.log(JSON.stringify({ error: { name: error.name, message: error.message } }));
  process.exit(1);
});
