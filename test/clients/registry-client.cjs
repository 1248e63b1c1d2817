// A back end as it is written for Azure, with azure-iothub: what it saw is printed as one line of JSON.
const { readFileSync } = require('node:fs');

const { JobClient, Client, Registry } = require('azure-iothub');

const { connectionString, deviceId, thumbprint } = JSON.parse(readFileSync(0, 'utf8'));
const registry = Registry.fromConnectionString(connectionString);
const client = Client.fromConnectionString(connectionString);
const jobs = JobClient.fromConnectionString(connectionString);

const bodyOf = async (promise) => (await promise).responseBody;
const jobOf = async (promise) => (await promise).jobStatus;
const errorOf = (promise) =>
  promise.then(
    () => 'no error',
    ({ name, message }) => ({ name, message }),
  );

async function identities() {
  const created = await bodyOf(registry.create({ deviceId: 'made', status: 'enabled' }));
  const twice = await errorOf(registry.create({ deviceId: 'made' }));
  const updated = await bodyOf(registry.update({ ...created, status: 'disabled', statusReason: 'a test' }));
  const stale = await errorOf(registry.update({ ...created, etag: 'b3RoZXI=' }));
  const x509 = {
    deviceId: 'd x%1',
    authentication: { type: 'selfSigned', x509Thumbprint: { primaryThumbprint: thumbprint } },
  };
  const odd = await errorOf(registry.create({ ...x509 }));
  const byThumbprint = await bodyOf(registry.create({ ...x509, deviceId: 'd:x%1' }));
  const read = await bodyOf(registry.get('d:x%1'));
  const missing = await errorOf(registry.get('nobody'));
  const list = (await bodyOf(registry.list())).map((device) => device.deviceId);
  const statistics = await bodyOf(registry.getRegistryStatistics());
  const bulk = await bodyOf(registry.addDevices([{ deviceId: 'b1' }, { deviceId: 'b2' }]));
  const badBulk = await errorOf(registry.addDevices([{ deviceId: 'b1' }, { deviceId: 'b3' }]));
  const removedBulk = await bodyOf(
    registry.removeDevices([{ deviceId: 'b1' }, { deviceId: 'b2' }, { deviceId: 'b3' }], true),
  );
  await registry.delete('made');
  return {
    created,
    twice,
    updated,
    stale,
    odd,
    byThumbprint,
    read,
    missing,
    list,
    statistics,
    bulk,
    badBulk,
    removedBulk,
  };
}

async function twins() {
  const before = await bodyOf(registry.getTwin(deviceId));
  const patched = await bodyOf(
    registry.updateTwin(deviceId, { tags: { room: 4 }, properties: { desired: { on: true } } }, before.etag),
  );
  const etag = before.etag;
  const stale = await errorOf(registry.updateTwin(deviceId, { tags: { room: 5 } }, 'AAAA'));
  const any = await bodyOf(registry.updateTwin(deviceId, { tags: { room: 6 } }, '*'));
  const missing = await errorOf(registry.getTwin('nobody'));
  return { etag, patched: plain(patched), stale, any: plain(any), missing };
}

const plain = ({ tags, properties: { desired } }) => ({ tags, desired });

async function modules() {
  const added = await bodyOf(registry.addModule({ deviceId, moduleId: 'm', managedBy: 'a test' }));
  const listed = (await bodyOf(registry.getModulesOnDevice(deviceId))).map(({ moduleId }) => moduleId);
  const twin = await bodyOf(registry.updateModuleTwin(deviceId, 'm', { tags: { a: 1 } }, '*'));
  await registry.removeModule(deviceId, 'm');
  return { added, listed, tags: twin.tags, missing: await errorOf(registry.getModule(deviceId, 'm')) };
}

async function methods() {
  const answered = await client.invokeDeviceMethod(deviceId, {
    methodName: 'echo',
    payload: { in: 5 },
    responseTimeoutInSeconds: 20,
    connectTimeoutInSeconds: 20,
  });
  const offline = await errorOf(client.invokeDeviceMethod('d:x%1', { methodName: 'reboot' }));
  const missing = await errorOf(client.invokeDeviceMethod('nobody', { methodName: 'reboot' }));
  return { answered: answered.result, offline, missing };
}

async function queries() {
  const query = registry.createQuery("SELECT * FROM devices WHERE tags.room = 6 OR deviceId = 'd:x%1'", 1);
  const pages = [];
  while (query.hasMoreResults) pages.push((await query.nextAsTwin()).result.map((twin) => twin.deviceId));
  const grouped = registry.createQuery(
    'SELECT COUNT() AS count, authenticationType FROM devices GROUP BY authenticationType',
  );
  const wrong = registry.createQuery('SELECT * FROM devices ORDER BY deviceId');
  return { pages, grouped: (await grouped.next()).result, wrong: await errorOf(wrong.next()) };
}

async function scheduled() {
  const condition = `deviceId = '${deviceId}'`;
  const patch = { etag: '*', tags: { job: 'done' } };
  const created = await jobOf(jobs.scheduleTwinUpdate('twin-job', condition, patch, new Date(), 60));
  let job = created;
  while (job.status !== 'completed') job = await jobOf(jobs.getJob('twin-job'));
  const later = new Date(Date.now() + 3_600_000);
  await jobs.scheduleDeviceMethod('later-job', condition, { methodName: 'reboot' }, later, 60);
  const cancelled = await jobOf(jobs.cancelJob('later-job'));
  const listed = (await jobs.createQuery().next()).result.map(({ jobId, status }) => [jobId, status]);
  const devices = (
    await registry.createQuery("SELECT * FROM devices.jobs WHERE devices.jobs.jobId = 'twin-job'").next()
  ).result;
  return { created, job, cancelled, listed, devices };
}

async function main() {
  const result = {
    identities: await identities(),
    twins: await twins(),
    modules: await modules(),
    methods: await methods(),
    queries: await queries(),
    jobs: await scheduled(),
  };
  console.log(JSON.stringify(result));
  process.exit();
}

main().catch(({ name, message, stack, responseBody }) => {
  console.log(JSON.stringify({ error: { name, message, stack, responseBody } }));
  process.exit(1);
});
