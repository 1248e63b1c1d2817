// A device on the unmodified azure-iot-device: uploads a file of `size` bytes, connected by MQTT meanwhile if it is told to.
// Hub and storage keep their names; where there is a `port`, Node's agent, an option of Node, leads every HTTPS connection there.
// stdin: {"connectionString","port","ca","blobName","size"} with {"cert","key"}, {"mqtt":true}; stdout: {"done"} or {"error"}.
const { readFileSync } = require('node:fs');
const https = require('node:https');
const { Readable } = require('node:stream');
const { NoRetry } = require('azure-iot-common');
const { Client } = require('azure-iot-device');
const { Mqtt } = require('azure-iot-device-mqtt');

const { connectionString, port, ca, blobName, size, cert, key, mqtt } = JSON.parse(readFileSync(0, 'utf8'));
if (port !== undefined) Object.assign(https.globalAgent.options, { host: '127.0.0.1', port, ca });

async function main() {
  const client = Client.fromConnectionString(connectionString, Mqtt);
  client.setRetryPolicy(new NoRetry());
  if (cert !== undefined) await client.setOptions({ cert, key, ca });
  if (mqtt) await client.open();
  await client.uploadToBlob(blobName, Readable.from(pieces(), { objectMode: false }), size);
  console.log(JSON.stringify({ done: true }));
  await client.close();
  process.exit();
}

/** Each byte says which KiB it is in. */
function* pieces() {
  for (let at = 0; at < size; at += 1024) yield Buffer.alloc(Math.min(1024, size - at), (at / 1024) % 251);
}

main().catch(({ name, message, innerError }) => {
  console.log(JSON.stringify({ error: { name, message, inner: innerError?.message } }));
  process.exit(1);
});
