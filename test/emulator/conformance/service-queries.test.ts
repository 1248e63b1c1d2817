import type { World } from '../support.js';
import { errorOf, hubBackEnd, type Saying } from './back-end.js';
import { conformance, type Rule } from './rules.js';

const LANGUAGE = 'azure-docs, iot-hub-devguide-query-language';
const ROUTING = 'azure-docs, iot-hub-devguide-routing-query-syntax';
const CAPTURED = 'captured: clients for Node, Python, Java';
const JOBS = 'azure-docs, iot-hub-devguide-jobs; REST definition of IoT Hub';

/** Three devices: a is in room 1 and warm, b in room 2 and cold, c has nothing but text in the place of a number. */
function fill(world: World): Saying {
  const { hub } = world;
  for (const deviceId of ['a', 'b', 'c']) hub.devices.create({ deviceId, authentication: { type: 'sas' } });
  hub.device('a').updateTags({ room: 1, site: 'north', list: [1, 2], on: true, nothing: {} });
  hub.device('b').updateTags({ room: 2, site: 'north', 'odd-name': 5, on: false });
  hub.device('c').updateTags({ room: '2', site: 'south' });
  hub.device('a').updateDesired({ target: 21.5 });
  hub.device('b').updateDesired({ target: 18 });
  return hubBackEnd(world);
}

const rowsOf = async (say: Saying, query: string): Promise<unknown> =>
  (await say('POST /devices/query', { body: { query } })).json;

/** The ids of the devices that meet a condition. */
const WHERE: readonly (readonly [condition: string, ids: string])[] = [
  ["deviceId = 'a'", 'a'],
  ["devices.deviceId = 'a'", 'a'],
  ['tags.room = 2', 'b'],
  ['tags.room = "2"', 'c'],
  ['tags.room != 2', 'a c'],
  ['tags.room <> 2', 'a c'],
  ['tags.room > 1', 'b'],
  ['tags.room >= 1 AND tags.room <= 2', 'a b'],
  ['tags.room < 0x2', 'a'],
  ["tags.site = 'north' AND NOT tags.room = 1", 'b'],
  ["tags.room = 1 OR tags.site = 'south'", 'a c'],
  ["(tags.room = 1 OR tags.site = 'south') AND tags.room = 1", 'a'],
  ["tags.room IN [1, '2']", 'a c'],
  ['tags.room NIN [1]', 'b c'],
  ['tags.room + 1 = 3 or tags.room * 2 - 1 = 1', 'a b'],
  ['tags.room / 2 = 1 AND tags.room % 2 = 0', 'b'],
  ['-tags.room < -1', 'b'],
  ['properties.desired.target > 20.0', 'a'],
  ['tags.missing = null', ''],
  ['tags.missing != 1', ''],
  ['NOT tags.missing = 1', ''],
  ['tags.on', 'a'],
  ['tags.on = true', 'a'],
  ["tags['odd-name'] = 5", 'b'],
  ['tags.[[odd-name]] = 5', 'b'],
  ['tags.list[1] = 2', 'a'],
  ['is_defined(tags.list)', 'a'],
  ['IS_ARRAY(tags.list) AND IS_OBJECT(tags.nothing)', 'a'],
  ['IS_BOOL(tags.on)', 'a b'],
  ['IS_STRING(tags.room)', 'c'],
  ['IS_NUMBER(tags.room)', 'a b'],
  ['IS_PRIMITIVE(tags.room)', 'a b c'],
  ['IS_NULL(tags.room)', ''],
  ['AS_NUMBER(tags.room) = 2', 'b c'],
  ['ABS(-1) = tags.room AND SIGN(-5) = -1 AND SQUARE(3) = 9 AND SQRT(9) = 3 AND POWER(2, 3) = 8', 'a'],
  ['FLOOR(properties.desired.target) = 21 AND CEILING(properties.desired.target) = 22 AND EXP(0) = 1', 'a'],
  ["STARTS_WITH(tags.site, 'nor') AND ENDS_WITH(tags.site, 'th') AND CONTAINS(tags.site, 'ort')", 'a b'],
  ["CONCAT(deviceId, '-', tags.site) = 'c-south'", 'c'],
  ["LENGTH(tags.site) = 5 AND LOWER('AB') = 'ab' AND UPPER(deviceId) = 'A'", 'a'],
  ["SUBSTRING(tags.site, 0, 2) = 'so' AND INDEX_OF(tags.site, 'u') = 2 AND SUBSTRING(tags.site, 3) = 'th'", 'c'],
  ["status = 'enabled' AND connectionState = 'Disconnected' AND authenticationType = 'sas'", 'a b c'],
  ["deviceId = '\\u0061'", 'a'],
];

const SELECTED: readonly (readonly [name: string, query: string, rows: unknown])[] = [
  [
    'projection',
    'SELECT deviceId, tags.room AS r FROM devices',
    [
      { deviceId: 'a', r: 1 },
      { deviceId: 'b', r: 2 },
      { deviceId: 'c', r: '2' },
    ],
  ],
  ['missing', 'SELECT properties.desired.target FROM devices', [{ target: 21.5 }, { target: 18 }, {}]],
  ['top', 'SELECT TOP 2 deviceId FROM devices', [{ deviceId: 'a' }, { deviceId: 'b' }]],
  ['count', 'select count() as n from devices', [{ n: 3 }]],
  [
    'aggregates',
    'SELECT MIN(tags.room) AS low, MAX(tags.room) AS high, SUM(tags.room) AS sum, AVG(tags.room) AS mean FROM devices',
    [{ low: 1, high: 2, sum: 3, mean: 1.5 }],
  ],
  [
    'group',
    'SELECT tags.site AS site, COUNT() AS n FROM devices GROUP BY tags.site',
    [
      { site: 'north', n: 2 },
      { site: 'south', n: 1 },
    ],
  ],
  [
    'group-where',
    "SELECT tags.site, tags.on, COUNT() FROM devices WHERE deviceId != 'c' GROUP BY tags.site, tags.on",
    [
      { site: 'north', on: true, $3: 1 },
      { site: 'north', on: false, $3: 1 },
    ],
  ],
];

const REFUSED: readonly (readonly [query: string, words: string])[] = [
  ['SELECT * FROM devices ORDER BY deviceId', 'has no ORDER'],
  ['SELECT DISTINCT deviceId FROM devices', 'has no DISTINCT'],
  ['SELECT * FROM devices JOIN x', 'has no JOIN'],
  ['SELECT * FROM twins', 'there is devices'],
  ['SELECT *', 'has no FROM'],
  ['SELECT * FROM devices WHERE', 'the query ends'],
  ['SELECT * FROM devices WHERE (deviceId = 1', 'where ) is expected'],
  ['SELECT * FROM devices WHERE f(1)', 'no function F'],
  ['SELECT * FROM devices WHERE ABS(1, 2)', 'takes 1'],
  ['SELECT * FROM devices WHERE deviceId ~ 1', 'has "~" at character'],
  ["SELECT * FROM devices WHERE deviceId = 'a", 'at character'],
  ['SELECT * FROM devices GROUP BY deviceId', "can't be grouped"],
  ['SELECT deviceId, COUNT() AS n FROM devices', 'beside aggregates'],
  ['SELECT ABS(x) FROM devices', "can't have the function"],
  ['SELECT tags.x, tags.x FROM devices', 'two values of the name x'],
  ['SELECT jobId FROM devices.jobs', 'SELECT * only'],
  ['SELECT TOP x * FROM devices', 'TOP has to be followed'],
  [`SELECT * FROM devices WHERE ${'('.repeat(60)}1${')'.repeat(60)} = 1`, 'nested deeper'],
  [`SELECT * FROM devices WHERE ${'1 + '.repeat(3000)}1 = 1`, 'more than 4096'],
  [`SELECT * FROM devices WHERE deviceId = '${'x'.repeat(17_000)}'`, 'more than 16384'],
];

conformance(
  'Service side: queries',
  [
    {
      rule: 'service-queries.where',
      says: 'conditions have the documented operators and functions',
      source: `${LANGUAGE}; ${ROUTING}`,
      check: async (world) => {
        const say = fill(world);
        const found = [];
        for (const [condition] of WHERE) {
          const rows = await rowsOf(say, `SELECT * FROM devices WHERE ${condition}`);
          const ids = Array.isArray(rows) ? rows.map(({ deviceId }: { deviceId: string }) => deviceId).join(' ') : rows;
          found.push([condition, ids]);
        }
        expect(found).toEqual(WHERE);
      },
    },
    ...SELECTED.map(([name, query, rows]): Rule => ({
      rule: `service-queries.select-${name}`,
      says: `${query} gives rows of its own`,
      source: LANGUAGE,
      check: async (world) => {
        const reply = await fill(world)('POST /devices/query', { body: { query } });
        expect(reply).toMatchObject({ status: 200, headers: { 'x-ms-item-type': 'raw' } });
        expect(reply.json).toEqual(rows);
      },
    })),
    {
      rule: 'service-queries.refused',
      says: 'what the language has not is refused with 400, and the place or the word',
      source: 'option',
      check: async (world) => {
        const say = fill(world);
        for (const [query, words] of REFUSED) {
          const reply = await say('POST /devices/query', { body: { query } });
          expect(errorOf(reply)).toEqual([400, 'ArgumentInvalid']);
          expect(String(reply.json['Message'])).toContain(words);
        }
      },
    },
    {
      rule: 'service-queries.pages',
      says: 'x-ms-max-item-count says how many there are in one answer, x-ms-continuation comes only if there is more',
      source: `${CAPTURED}; REST definition of IoT Hub`,
      check: async (world) => {
        const say = fill(world);
        const body = { query: 'SELECT * FROM devices' };
        const page = (size: string, continuation = '') =>
          say('POST /devices/query', {
            body,
            headers: { 'x-ms-max-item-count': size, 'x-ms-continuation': continuation },
          });
        const first = await page('2');
        expect(first.headers).toMatchObject({ 'x-ms-item-type': 'twin', 'x-ms-continuation': expect.any(String) });
        expect(first.json).toMatchObject([{ deviceId: 'a' }, { deviceId: 'b' }]);
        const last = await page('2', String(first.headers['x-ms-continuation']));
        expect(last.json).toMatchObject([{ deviceId: 'c' }]);
        expect(last.headers).not.toHaveProperty('x-ms-continuation');
        expect((await page('-1')).json).toHaveLength(3);
        for (const bad of ['0', 'x', '-5']) expect(errorOf(await page(bad))).toEqual([400, 'ArgumentInvalid']);
        expect(errorOf(await page('2', 'bm9uZQ=='))).toEqual([400, 'ArgumentInvalid']);
        const other = { query: "SELECT * FROM devices WHERE deviceId = 'a'" };
        const continuation = String(first.headers['x-ms-continuation']);
        const mixed = await say('POST /devices/query', { body: other, headers: { 'x-ms-continuation': continuation } });
        expect(errorOf(mixed)).toEqual([400, 'ArgumentInvalid']);
      },
    },
  ],
  ['HTTPS'],
);

const schedule = (say: Saying, id: string, body: object) => say(`PUT /jobs/v2/${id}`, { body });
const TWIN_JOB = { type: 'scheduleUpdateTwin', updateTwin: { etag: '*', tags: { job: 1 } } };

conformance(
  'Service side: jobs',
  [
    {
      rule: 'service-jobs.twin',
      says: 'a job updates the twins that meet its condition, and tells how many',
      source: JOBS,
      check: async (world) => {
        const say = fill(world);
        const created = await schedule(say, 'j', { ...TWIN_JOB, queryCondition: "tags.site = 'north'" });
        expect(created).toMatchObject({
          status: 200,
          json: { jobId: 'j', type: 'scheduleUpdateTwin', status: 'queued' },
        });
        await world.clock.advance(0);
        expect((await say('GET /jobs/v2/j')).json).toMatchObject({
          status: 'completed',
          deviceJobStatistics: { deviceCount: 2, succeededCount: 2, failedCount: 0, runningCount: 0, pendingCount: 0 },
        });
        expect(['a', 'b', 'c'].map((id) => world.hub.device(id).twin.tags['job'])).toEqual([1, 1, undefined]);
        const devices = await say('POST /devices/query', {
          body: { query: "SELECT * FROM devices.jobs WHERE devices.jobs.deviceId = 'a'" },
        });
        expect(devices.headers['x-ms-item-type']).toBe('deviceJob');
        expect(devices.json).toMatchObject([
          { jobId: 'j', deviceId: 'a', jobType: 'scheduleUpdateTwin', status: 'completed' },
        ]);
      },
    },
    {
      rule: 'service-jobs.scheduled',
      says: 'a job with a start in the future waits for it on the clock, and can be cancelled before',
      source: JOBS,
      check: async (world) => {
        const say = fill(world);
        const startTime = new Date(world.clock.now() + 3_600_000).toISOString();
        const body = { ...TWIN_JOB, queryCondition: '*', startTime };
        expect((await schedule(say, 'one', body)).json).toMatchObject({ status: 'scheduled', startTime });
        await schedule(say, 'other', body);
        expect((await say('POST /jobs/v2/other/cancel', { body: {} })).json).toMatchObject({ status: 'cancelled' });
        await world.clock.advance(3_600_000);
        expect((await say('GET /jobs/v2/one')).json).toMatchObject({ status: 'completed' });
        expect((await say('GET /jobs/v2/other')).json).toMatchObject({
          status: 'cancelled',
          deviceJobStatistics: { deviceCount: 0 },
        });
        const listed = await say('GET /jobs/v2/query?jobStatus=completed&jobType=scheduleUpdateTwin&api-version=1');
        expect(listed.headers['x-ms-item-type']).toBe('jobResponse');
        expect(listed.json).toMatchObject([{ jobId: 'one' }]);
      },
    },
    {
      rule: 'service-jobs.method',
      says: 'a job calls a method, and keeps what each device answered or why it did not',
      source: JOBS,
      check: async (world) => {
        const client = await world.online(await world.device('device-1'));
        await client.subscribe('$iothub/methods/POST/#');
        const say = fill(world);
        const cloudToDeviceMethod = { methodName: 'reboot', payload: 5, responseTimeoutInSeconds: 30 };
        await schedule(say, 'm', {
          type: 'scheduleDeviceMethod',
          cloudToDeviceMethod,
          queryCondition: "deviceId IN ['device-1', 'a']",
        });
        await client.next('publish');
        client.publish('$iothub/methods/res/200/?$rid=1', '"done"');
        await world.clock.advance(0);
        const query = 'SELECT * FROM devices.jobs';
        expect(await rowsOf(say, query)).toMatchObject([
          {
            deviceId: 'device-1',
            status: 'completed',
            outcome: { deviceMethodResponse: { status: 200, payload: 'done' } },
          },
          { deviceId: 'a', status: 'failed', error: { code: '404103' } },
        ]);
        expect((await say('GET /jobs/v2/m')).json).toMatchObject({
          status: 'completed',
          deviceJobStatistics: { succeededCount: 1, failedCount: 1 },
        });
        client.socket.destroy();
      },
    },
    {
      rule: 'service-jobs.timeout',
      says: 'a job ends after maxExecutionTimeInSeconds; what was under way has failed',
      source: JOBS,
      check: async (world) => {
        const client = await world.online(await world.device('device-1'));
        await client.subscribe('$iothub/methods/POST/#');
        const say = hubBackEnd(world);
        const cloudToDeviceMethod = { methodName: 'slow', responseTimeoutInSeconds: 300 };
        const body = {
          type: 'scheduleDeviceMethod',
          cloudToDeviceMethod,
          queryCondition: '*',
          maxExecutionTimeInSeconds: 60,
        };
        await schedule(say, 'm', body);
        await world.clock.advance(60_000);
        expect((await say('GET /jobs/v2/m')).json).toMatchObject({
          status: 'completed',
          deviceJobStatistics: { failedCount: 1 },
        });
        client.socket.destroy();
      },
    },
    {
      rule: 'service-jobs.refused',
      says: 'an unknown job is 404, a second one of an id 409, a wrong one 400',
      source: 'azure-docs, troubleshoot-error-codes; REST definition of IoT Hub',
      check: async (world) => {
        const say = fill(world);
        expect(errorOf(await say('GET /jobs/v2/none'))).toEqual([404, 'JobNotFound']);
        await schedule(say, 'j', { ...TWIN_JOB, queryCondition: '*' });
        expect(errorOf(await schedule(say, 'j', { ...TWIN_JOB, queryCondition: '*' }))).toEqual([
          409,
          'JobAlreadyExists',
        ]);
        const wrong = [
          { ...TWIN_JOB },
          { ...TWIN_JOB, queryCondition: 'a ==' },
          { ...TWIN_JOB, queryCondition: '*', startTime: 'soon' },
          { ...TWIN_JOB, queryCondition: '*', type: 'readDeviceProperties' },
          { type: 'scheduleDeviceMethod', queryCondition: '*' },
        ];
        for (const body of wrong) expect(errorOf(await schedule(say, 'k', body))).toEqual([400, 'ArgumentInvalid']);
      },
    },
  ],
  ['HTTPS'],
);
