import { defined } from '../../../defined.js';
import type { EnrollmentPolicy, EnrollmentRecord, ReprovisionPolicy } from '../../dps/enrollments.js';
import { longTime } from '../../dps/answers.js';
import type { JsonObject } from '../../hub/twin-properties.js';
import type { Fields } from '../fields.js';
import { badRequest } from '../service-error.js';

/** What a back end says of an enrollment, whatever its kind (protocol.md#service-enrollments). */
export function policyOf(fields: Fields): Partial<EnrollmentPolicy> {
  const status = fields.oneOf('provisioningStatus', 'enabled', 'disabled');
  const reprovisionPolicy = reprovisionOf(fields.fields('reprovisionPolicy'));
  const initialTwin = twinOf(fields.fields('initialTwin'));
  const iotEdge = fields.fields('capabilities')?.flag('iotEdge');
  return {
    enabled: status !== 'disabled',
    ...allocationOf(fields),
    ...defined({ reprovisionPolicy, initialTwin, iotEdge }),
  };
}

/** `iotHubHostName` is of older api-versions. */
function allocationOf(fields: Fields): Pick<Partial<EnrollmentPolicy>, 'allocationPolicy' | 'hub' | 'hubs'> {
  const allocationPolicy = fields.oneOf('allocationPolicy', 'hashed', 'geoLatency', 'static', 'custom');
  const host = fields.text('iotHubHostName') ?? '';
  const hubs = (fields.list('iotHubs') ?? []).filter((name): name is string => typeof name === 'string');
  if (allocationPolicy === 'custom')
    throw badRequest(
      'The emulator calls no webhook: give the enrollment an `allocate` callback in TypeScript instead.',
    );
  const first = hubs[0] ?? host;
  if (allocationPolicy === 'static' && first === '')
    throw badRequest('allocationPolicy static needs iotHubs with a hub.');
  if (allocationPolicy === 'static' || (allocationPolicy === undefined && hubs.length === 0 && host !== ''))
    return { allocationPolicy: 'static', hub: first };
  return { ...defined({ allocationPolicy }), ...(hubs.length === 0 ? {} : { hubs }) };
}

function reprovisionOf(fields: Fields | undefined): ReprovisionPolicy | undefined {
  if (fields === undefined) return undefined;
  if (!(fields.flag('updateHubAssignment') ?? true)) return 'never';
  return (fields.flag('migrateDeviceData') ?? true) ? 'migrateData' : 'resetData';
}

function twinOf(fields: Fields | undefined): EnrollmentPolicy['initialTwin'] {
  if (fields === undefined) return undefined;
  const tags = withoutMetadata(fields.object('tags'));
  const desired = withoutMetadata(fields.fields('properties')?.object('desired'));
  return { ...defined({ tags, desired }) };
}

function withoutMetadata(section: JsonObject | undefined): JsonObject | undefined {
  if (section === undefined) return undefined;
  const { $metadata: _, $version: __, ...content } = section;
  return content;
}

/** The same as back ends are shown it. */
export function policyView(enrollment: EnrollmentPolicy & EnrollmentRecord): object {
  const { enabled, allocationPolicy, hub, hubs, reprovisionPolicy, initialTwin, iotEdge } = enrollment;
  const { etag, createdAt, lastUpdatedAt } = enrollment;
  const names = hub === undefined ? hubs : [hub];
  return {
    capabilities: { iotEdge: iotEdge ?? false },
    ...defined({ iotHubHostName: hub, iotHubs: names, allocationPolicy }),
    reprovisionPolicy: {
      updateHubAssignment: reprovisionPolicy !== 'never',
      migrateDeviceData: (reprovisionPolicy ?? 'migrateData') === 'migrateData',
    },
    ...(initialTwin === undefined
      ? {}
      : { initialTwin: { tags: initialTwin.tags ?? {}, properties: { desired: initialTwin.desired ?? {} } } }),
    provisioningStatus: enabled ? 'enabled' : 'disabled',
    etag,
    createdDateTimeUtc: longTime(createdAt),
    lastUpdatedDateTimeUtc: longTime(lastUpdatedAt),
  };
}
