// A back end as it is written for Azure, with azure-iot-provisioning-service: what it saw is printed as one line of JSON.
const { readFileSync } = require('node:fs');

const { ProvisioningServiceClient } = require('azure-iot-provisioning-service');

const { connectionString, certificate, registrationId } = JSON.parse(readFileSync(0, 'utf8'));
const service = ProvisioningServiceClient.fromConnectionString(connectionString);

const bodyOf = async (promise) => (await promise).responseBody;
const errorOf = (promise) =>
  promise.then(
    () => 'no error',
    ({ name, message }) => ({ name, message }),
  );
// Its promise never settles.
const inBulk = (operation) =>
  new Promise((resolve, reject) =>
    service.runBulkEnrollmentOperation(operation, (error, result) => (error ? reject(error) : resolve(result))),
  );
// Only with a callback does it send the continuation by itself.
const next = (query) =>
  new Promise((resolve, reject) => query.next((error, result) => (error ? reject(error) : resolve(result))));
const x509 = (place) => ({ type: 'x509', x509: { [place]: { primary: { certificate } } } });

async function enrollments() {
  const keyed = { registrationId: 'keyed', attestation: { type: 'symmetricKey' }, deviceId: 'dev-1' };
  const created = await bodyOf(service.createOrUpdateIndividualEnrollment(keyed));
  const twice = await errorOf(service.createOrUpdateIndividualEnrollment(keyed));
  const updated = await bodyOf(
    service.createOrUpdateIndividualEnrollment({ ...created, provisioningStatus: 'disabled' }),
  );
  const stale = await errorOf(service.createOrUpdateIndividualEnrollment(created));
  const keys = await bodyOf(service.getIndividualEnrollmentAttestationMechanism('keyed'));
  const leaf = await bodyOf(
    service.createOrUpdateIndividualEnrollment({ registrationId: 'leaf', attestation: x509('clientCertificates') }),
  );
  const missing = await errorOf(service.getIndividualEnrollment('nobody'));
  const bulk = await inBulk({ mode: 'create', enrollments: [{ ...keyed, registrationId: 'b1' }, keyed] });
  const query = service.createIndividualEnrollmentQuery({ query: '*' }, 2);
  const pages = [];
  while (query.hasMoreResults) pages.push((await next(query)).map((each) => each.registrationId));
  await service.deleteIndividualEnrollment(updated);
  const deleted = await errorOf(service.getIndividualEnrollment('keyed'));
  return { created, twice, updated, stale, keys, leaf, missing, bulk, pages, deleted };
}

async function groups() {
  const created = await bodyOf(
    service.createOrUpdateEnrollmentGroup({
      enrollmentGroupId: 'factory',
      attestation: x509('signingCertificates'),
      initialTwin: { tags: { from: 'factory' }, properties: { desired: { on: true } } },
    }),
  );
  const keyed = await bodyOf(
    service.createOrUpdateEnrollmentGroup({ enrollmentGroupId: 'keys', attestation: { type: 'symmetricKey' } }),
  );
  const keys = await bodyOf(service.getEnrollmentGroupAttestationMechanism('keys'));
  const query = service.createEnrollmentGroupQuery({ query: 'SELECT * FROM enrollmentGroups' });
  const listed = (await next(query)).map((group) => group.enrollmentGroupId);
  await service.deleteEnrollmentGroup(keyed);
  return { created, keys, listed };
}

async function registrations() {
  const state = await bodyOf(service.getDeviceRegistrationState(registrationId));
  const query = service.createEnrollmentGroupDeviceRegistrationStateQuery({ query: '*' }, 'before');
  const listed = await next(query);
  await service.deleteDeviceRegistrationState(state);
  return { state, listed, deleted: await errorOf(service.getDeviceRegistrationState(registrationId)) };
}

async function main() {
  const result = { enrollments: await enrollments(), groups: await groups(), registrations: await registrations() };
  console.log(JSON.stringify(result));
  process.exit();
}

main().catch(({ name, message, stack, responseBody }) => {
  console.log(JSON.stringify({ error: { name, message, stack, responseBody } }));
  process.exit(1);
});
