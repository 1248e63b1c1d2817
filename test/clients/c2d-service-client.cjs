// A back end as it is written for Azure, with azure-iothub's Client over AMQP: sends cloud-to-device messages, and takes feedback and
// file notifications. stdin: {"connectionString","deviceId","webSocket"}; stdout: what it saw, as one line of JSON.
const { readFileSync } = require('node:fs');

const { AmqpWs, Client } = require('azure-iothub');
const { Message } = require('azure-iot-common');

const { connectionString, deviceId, webSocket } = JSON.parse(readFileSync(0, 'utf8'));
const client = Client.fromConnectionString(connectionString, ...(webSocket ? [AmqpWs] : []));

const errorOf = (promise) =>
  promise.then(
    () => 'no error',
    ({ name, message }) => ({ name, message }),
  );

function message(text, fields = {}) {
  const made = new Message(text);
  Object.assign(made, fields);
  return made;
}

/** The first message of a receiver: it is abandoned, comes again, and is completed then. */
function received(receiver) {
  return new Promise((resolve, reject) => {
    let count = 0;
    receiver.on('errorReceived', reject);
    receiver.on('message', (told) => {
      const seen = { body: JSON.parse(told.data.toString()), contentType: told.contentType };
      if (++count === 1) receiver.abandon(told, (error) => error && reject(error));
      else receiver.complete(told, (error) => (error ? reject(error) : resolve(seen)));
    });
  });
}

async function main() {
  await client.open();
  const { result: feedbackReceiver } = await client.getFeedbackReceiver();
  const feedback = received(feedbackReceiver);
  const { result: fileReceiver } = await client.getFileNotificationReceiver();
  const file = received(fileReceiver);
  const sent = message('{"on":true}', {
    messageId: 'm 1',
    correlationId: 'c',
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    ack: 'full',
    expiryTimeUtc: Date.now() + 60_000,
  });
  sent.properties.add('k&1', 'v=1');
  await client.send(deviceId, sent);
  const unknown = await errorOf(client.send('nobody', message('x')));
  const large = await errorOf(client.send(deviceId, message('x'.repeat(70_000))));
  let full = 'no error';
  for (let i = 0; i < 60 && full === 'no error'; i++) full = await errorOf(client.send('sleeper', message('x')));
  const told = await Promise.all([feedback, file]);
  await client.close();
  console.log(JSON.stringify({ unknown, large, full, feedback: told[0], file: told[1] }));
  process.exit();
}

main().catch(({ name, message, stack }) => {
  console.log(JSON.stringify({ error: { name, message, stack } }));
  process.exit(1);
});
