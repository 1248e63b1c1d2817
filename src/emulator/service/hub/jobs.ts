import { defined } from '../../../defined.js';
import { setMaxListeners } from 'node:events';

import type { Clock, Timer } from '../../../clock/index.js';
import { messageOf, SphereIotError } from '../../../errors.js';
import type { HttpAnswer } from '../../contract/http-service.js';
import { Fields } from '../fields.js';
import { json, timeText } from '../json-answer.js';
import { pageAnswer, pageOf } from '../paging.js';
import { meets } from '../query/evaluate.js';
import { parseCondition, parseQuery } from '../query/parser.js';
import type { Expression } from '../query/syntax.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import { badRequest, ServiceError } from '../service-error.js';
import { translatedHubError } from './hub-errors.js';
import { methodCall, type MethodCall } from './method-routes.js';
import { twinDocuments } from './hub-query-routes.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';
import { patchTwin, twinContent, type TwinContent } from './twin-routes.js';

const JOB_ID = /^[\w-]{1,64}$/;
/** Seconds, and how many jobs there may be: those that are over are forgotten first. Chosen. */
const DEFAULT_EXECUTION = 3600;
const MAX_EXECUTION_SECONDS = 2 ** 31;
const MAX_ACTIVE = 100;
const MAX_JOBS = 1000;

type Work =
  | { readonly type: 'scheduleUpdateTwin'; readonly twin: TwinContent; readonly updateTwin: object }
  | { readonly type: 'scheduleDeviceMethod'; readonly call: MethodCall; readonly cloudToDeviceMethod: object };

/** What a job does, and has done, at one device. */
interface DeviceJob {
  readonly deviceId: string;
  status: 'running' | 'completed' | 'failed' | 'canceled';
  readonly startedAt: number;
  endedAt?: number;
  response?: { readonly status: number; readonly payload: unknown };
  error?: { readonly code: string; readonly description: string };
}

interface Job {
  readonly id: string;
  readonly work: Work;
  readonly queryCondition: string;
  readonly condition: Expression | undefined;
  readonly createdAt: number;
  readonly startAt: number;
  readonly seconds: number;
  readonly devices: Map<string, DeviceJob>;
  /** Ends what is under way. */
  readonly over: AbortController;
  status: 'scheduled' | 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  endedAt?: number;
  failureReason?: string;
  /** Of its start, then of its end. */
  timer: Pick<Timer, 'cancel'>;
}

/** Jobs on many devices, on the emulator's clock (protocol.md#service-jobs). They are gone with the process. */
export class Jobs {
  readonly #hub: ServedHub;
  readonly #clock: Clock;
  readonly #jobs = new Map<string, Job>();

  constructor(hub: ServedHub) {
    this.#hub = hub;
    this.#clock = hub.clock;
  }

  routes(): readonly ServiceRoute[] {
    const shown = ({ ids: [id = ''] }: ServiceCall): HttpAnswer => json(jobView(this.#get(id)));
    return [
      {
        method: 'PUT',
        path: 'jobs/v2/{jobId}',
        right: 'ServiceConnect',
        answer: (call) => json(jobView(this.#create(call))),
      },
      { method: 'GET', path: 'jobs/v2/{jobId}', right: 'ServiceConnect', answer: shown },
      { method: 'GET', path: 'jobs/v2/query', right: 'ServiceConnect', answer: (call) => this.#listed(call) },
      {
        method: 'POST',
        path: 'jobs/v2/{jobId}/cancel',
        right: 'ServiceConnect',
        answer: (call) => (this.#cancel(call), shown(call)),
      },
    ];
  }

  /** What jobs did at devices: `devices.jobs` of the query language. */
  *documents(): Generator<object> {
    for (const job of this.#jobs.values()) for (const device of job.devices.values()) yield deviceJobView(job, device);
  }

  close(): void {
    for (const job of this.#jobs.values()) this.#end(job, 'cancelled');
  }

  #get(id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new ServiceError(404, 'JobNotFound', `There is no job ${id}.`, 404006);
    return job;
  }

  #create({ ids: [id = ''], body }: ServiceCall): Job {
    const fields = Fields.of(body);
    if (!JOB_ID.test(id)) throw badRequest(`${JSON.stringify(id)} is no job id: 1 to 64 letters, digits, - or _.`);
    if (this.#jobs.has(id)) throw new ServiceError(409, 'JobAlreadyExists', `The job ${id} exists already.`, 409002);
    this.#makeRoom();
    const queryCondition = fields.requiredText('queryCondition');
    const now = this.#clock.now();
    const startAt = Math.max(now, timeOf(fields) ?? now);
    const job: Job = {
      id,
      work: workOf(fields),
      queryCondition,
      condition: conditionOf(queryCondition),
      createdAt: now,
      startAt,
      seconds: fields.whole('maxExecutionTimeInSeconds', 0, MAX_EXECUTION_SECONDS) || DEFAULT_EXECUTION,
      devices: new Map(),
      over: new AbortController(),
      status: startAt > now ? 'scheduled' : 'queued',
      timer: this.#clock.setTimer(startAt - now, () => void this.#run(job)),
    };
    // One listener for each device.
    setMaxListeners(0, job.over.signal);
    this.#jobs.set(id, job);
    return job;
  }

  #makeRoom(): void {
    const jobs = [...this.#jobs.values()];
    if (jobs.filter(isActive).length >= MAX_ACTIVE)
      throw new ServiceError(
        429,
        'ThrottlingMaxActiveJobCountExceeded',
        `${MAX_ACTIVE} jobs are not over yet.`,
        429000,
      );
    const oldest = jobs.find((job) => !isActive(job));
    if (jobs.length >= MAX_JOBS && oldest !== undefined) this.#jobs.delete(oldest.id);
  }

  async #run(job: Job): Promise<void> {
    job.status = 'running';
    job.timer = this.#clock.setTimer(job.seconds * 1000, () => this.#timedOut(job));
    const now = this.#clock.now();
    for (const document of twinDocuments(this.#hub)) {
      const { deviceId } = document as { readonly deviceId: string };
      if (meets(document, job.condition)) job.devices.set(deviceId, { deviceId, status: 'running', startedAt: now });
    }
    await Promise.all([...job.devices.values()].map((device) => this.#work(job, device)));
    this.#end(job, 'completed');
  }

  /** Never rejects. */
  async #work({ work, over: { signal } }: Job, device: DeviceJob): Promise<void> {
    const { deviceId } = device;
    try {
      if (work.type === 'scheduleUpdateTwin') patchTwin(this.#hub, deviceId, work.twin);
      else {
        const { name, payload, options } = work.call;
        device.response = await this.#hub.device(deviceId).invokeMethod(name, payload, { ...options, signal });
      }
      if (device.status === 'running') device.status = 'completed';
    } catch (error) {
      if (device.status !== 'running') return;
      device.status = 'failed';
      device.error = failureOf(error);
    }
    device.endedAt = this.#clock.now();
  }

  #timedOut(job: Job): void {
    this.#endDevices(job, 'failed', { code: 'JobTimedOut', description: `The job took longer than ${job.seconds} s.` });
    this.#end(job, 'completed');
  }

  #cancel({ ids: [id = ''] }: ServiceCall): void {
    const job = this.#get(id);
    this.#endDevices(job, 'canceled');
    this.#end(job, 'cancelled');
  }

  #endDevices({ devices }: Job, status: DeviceJob['status'], error?: DeviceJob['error']): void {
    for (const device of devices.values()) {
      if (device.status !== 'running') continue;
      Object.assign(device, { status, endedAt: this.#clock.now() }, error === undefined ? {} : { error });
    }
  }

  #end(job: Job, status: 'completed' | 'cancelled'): void {
    job.timer.cancel();
    if (!isActive(job)) return;
    job.status = status;
    job.endedAt = this.#clock.now();
    job.over.abort(new SphereIotError('JOB_OVER', `The job ${job.id} is over.`));
  }

  #listed(call: ServiceCall): HttpAnswer {
    const [type, status] = [call.parameter('jobType'), call.parameter('jobStatus')];
    const fits = (given: string | undefined, value: string): boolean =>
      given === undefined || given.toLowerCase() === value.toLowerCase();
    const jobs = [...this.#jobs.values()].filter((job) => fits(type, job.work.type) && fits(status, job.status));
    const scope = `jobs ${type} ${status}`;
    return pageAnswer(jobs.map(jobView), pageOf(call.headers, scope), scope, 'jobResponse');
  }
}

function isActive({ status }: Job): boolean {
  return status === 'scheduled' || status === 'queued' || status === 'running';
}

/** `*`, what a WHERE has, or a whole query: clients send each. */
function conditionOf(text: string): Expression | undefined {
  if (text.trim() === '*') return undefined;
  if (/^\s*select\s/i.test(text)) return parseQuery(text, ['devices']).where;
  return parseCondition(text, ['devices']);
}

function workOf(fields: Fields): Work {
  const type = fields.oneOf('type', 'scheduleUpdateTwin', 'scheduleDeviceMethod');
  if (type === undefined) throw badRequest('type is missing: scheduleUpdateTwin or scheduleDeviceMethod.');
  if (type === 'scheduleUpdateTwin') {
    const updateTwin = fields.object('updateTwin');
    return { type, twin: twinContent(Fields.of(updateTwin, 'updateTwin')), updateTwin: updateTwin as object };
  }
  const cloudToDeviceMethod = fields.object('cloudToDeviceMethod');
  return {
    type,
    call: methodCall(Fields.of(cloudToDeviceMethod, 'cloudToDeviceMethod')),
    cloudToDeviceMethod: cloudToDeviceMethod as object,
  };
}

/** Clock ms. */
function timeOf(fields: Fields): number | undefined {
  const text = fields.text('startTime') ?? '';
  const time = new Date(text).getTime();
  if (text !== '' && Number.isNaN(time)) throw badRequest('startTime is no time in ISO 8601.');
  return text === '' ? undefined : time;
}

function failureOf(error: unknown): Exclude<DeviceJob['error'], undefined> {
  try {
    const { code, message } = translatedHubError(error);
    return { code: String(code), description: message };
  } catch {
    return { code: 'InternalError', description: messageOf(error) };
  }
}

function jobView({ id, work, queryCondition, createdAt, startAt, endedAt, seconds, status, devices }: Job): object {
  const all = [...devices.values()];
  const count = (...of: readonly DeviceJob['status'][]): number =>
    all.filter((device) => of.includes(device.status)).length;
  return {
    jobId: id,
    queryCondition,
    createdTime: timeText(createdAt),
    startTime: timeText(startAt),
    ...(endedAt === undefined ? {} : { endTime: timeText(endedAt) }),
    maxExecutionTimeInSeconds: seconds,
    type: work.type,
    ...(work.type === 'scheduleUpdateTwin'
      ? { updateTwin: work.updateTwin }
      : { cloudToDeviceMethod: work.cloudToDeviceMethod }),
    status,
    deviceJobStatistics: {
      deviceCount: all.length,
      failedCount: count('failed', 'canceled'),
      succeededCount: count('completed'),
      runningCount: count('running'),
      pendingCount: 0,
    },
  };
}

function deviceJobView(
  { id, work, createdAt }: Job,
  { deviceId, status, startedAt, endedAt, response, error }: DeviceJob,
): object {
  return {
    jobId: id,
    deviceId,
    jobType: work.type,
    status,
    startTimeUtc: timeText(startedAt),
    ...(endedAt === undefined ? {} : { endTimeUtc: timeText(endedAt) }),
    createdDateTimeUtc: timeText(createdAt),
    lastUpdatedDateTimeUtc: timeText(endedAt ?? startedAt),
    ...defined({ error }),
    outcome: { deviceMethodResponse: response ?? null },
  };
}
