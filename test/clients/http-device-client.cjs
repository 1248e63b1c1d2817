// A device on the unmodified azure-iot-device-http: sends a message and a batch, then settles cloud-to-device messages as their bodies say
// (`again` is abandoned once, `no` rejected, all others completed), until one says `leave`; its CA comes by NODE_EXTRA_CA_CERTS.
// stdin: {"connectionString"} with {"cert","key"} where that says x509=true; stdout: {"received","first"} or {"error"}.
const { readFileSync } = require('node:fs');
const { Message, NoRetry } = require('azure-iot-common');
const { Client } = require('azure-iot-device');
const { Http } = require('azure-iot-device-http');

const { connectionString, cert, key } = JSON.parse(readFileSync(0, 'utf8'));

async function main() {
  const client = Client.fromConnectionString(connectionString, Http);
  client.setRetryPolicy(new NoRetry());
  // Without a receive policy this transport never says that it took the options.
  if (cert !== undefined) await client.setOptions({ cert, key, http: { receivePolicy: { interval: 1 } } });
  await client.open();
  const message = new Message('{"temperature":21}');
  Object.assign(message, {
    messageId: 'm 1',
    correlationId: 'c',
    contentType: 'application/json',
    contentEncoding: 'utf-8',
  });
  message.properties.add('Room', 'a/b');
  await client.sendEvent(message);
  const batched = new Message('two');
  batched.properties.add('number', '2');
  await client.sendEventBatch([new Message('one'), batched]);
  const received = [];
  let first;
  let [isAbandoned, isLast] = [false, false];
  client.on('error', fail);
  client.on('message', async (told) => {
    const body = told.data.toString();
    received.push(body);
    const { messageId, correlationId, to } = told;
    first ??= { messageId, correlationId, to, properties: told.properties.propertyList };
    if (body === 'again' && !isAbandoned) {
      isAbandoned = true;
      await client.abandon(told);
    } else if (body === 'no') await client.reject(told);
    else await client.complete(told);
    isLast ||= body === 'leave';
    if (!isLast || received.filter((each) => each === 'again').length < 2) return;
    console.log(JSON.stringify({ received, first }));
    await client.close();
    process.exit();
  });
}

function fail(error) {
  console.log(JSON.stringify({ error: { name: error.name, message: error.message } }));
  process.exit(1);
}

main().catch(fail);
