// A device on the unmodified azure-iot-device, by its connection string: completes cloud-to-device messages, tells the
// first, and goes when one says `leave`; its CA comes by NODE_EXTRA_CA_CERTS.
// stdin: {"connectionString","webSocket"}; stdout: the message or {"error"}.
const { readFileSync } = require('node:fs');
const { NoRetry } = require('azure-iot-common');
const { Client } = require('azure-iot-device');
const { Mqtt, MqttWs } = require('azure-iot-device-mqtt');

const { connectionString, webSocket } = JSON.parse(readFileSync(0, 'utf8'));

async function main() {
  const client = Client.fromConnectionString(connectionString, webSocket ? MqttWs : Mqtt);
  client.setRetryPolicy(new NoRetry());
  // Listening would connect by itself, and tell a refusal to nobody.
  await client.open();
  let first;
  client.on('message', async (message) => {
    const { messageId, correlationId, contentType, contentEncoding } = message;
    const body = message.data.toString();
    const properties = message.properties.propertyList;
    first ??= { body, messageId, correlationId, contentType, contentEncoding, properties };
    await client.complete(message);
    if (body !== 'leave') return;
    console.log(JSON.stringify(first));
    await client.close();
    process.exit();
  });
}

main().catch((error) => {
  console.log(JSON.stringify({ error: { name: error.name, message: error.message } }));
  process.exit(1);
});
