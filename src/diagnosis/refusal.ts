import { asciiLowerCase } from '../ascii.js';
import { validityOf, type Credential } from '../certificates/index.js';
import type { ErrorCode } from '../error-codes/index.js';
import { SphereIotError } from '../errors.js';
import { isObject, parseJson } from '../json.js';
import { printableLine } from '../printable.js';
import { isHostName } from '../transport/index.js';

/** By `hub/deviceId`, the SHA-256 thumbprint of the certificate with which DPS assigned the device. */
export type Registrations = Map<string, string>;

/** What is known of a connection when a service refuses something on it. */
export interface RefusalContext {
  /** Host name of the service. */
  readonly name: string;
  /** Of the CONNECT packet: the registration id or the device id. */
  readonly clientId: string;
  readonly username: string;
  readonly credential: Credential | undefined;
  readonly registrations: Registrations;
  /** Clock milliseconds. */
  readonly now: number;
}

/** Whether a host name is one of the Device Provisioning Service. */
export function isDps(name: string): boolean {
  return /\.azure-devices-provisioning\.\w+$/i.test(name);
}

/** What MQTT 3.1.1 (3.2.2.3) says of the codes that have nothing to do with the device's identity. */
const CODES: Readonly<Record<number, string>> = {
  1: 'it does not take this version of MQTT. Speak MQTT 3.1.1',
  2: 'it does not take this client id',
  3: 'it is not available, or has disabled the device. Try again later, and look at the device there',
};

/** In words why a service may have answered CONNECT with a return code other than 0. */
export function connectRefusal(returnCode: number, context: RefusalContext): SphereIotError {
  const { name, clientId } = context;
  const known = CODES[returnCode] ?? faultOfCredential(context);
  if (isDps(name)) {
    const scope = context.username.split('/')[0];
    const guess = `the id scope ${scope} is not one of this service, or the registration id ${clientId} is not known there`;
    return refusal('DPS_CONNECT_REFUSED', name, returnCode, known ?? guess);
  }
  const guess = `no device ${clientId} is registered there, it is disabled, or it is registered with another certificate or key (after a renewal, it has to provision again)`;
  return refusal('HUB_CONNECT_REFUSED', name, returnCode, known ?? otherCertificate(context) ?? guess);
}

function refusal(code: ErrorCode, name: string, returnCode: number, why: string): SphereIotError {
  return new SphereIotError(code, `${name} refused the connection (MQTT return code ${returnCode}): ${why}.`);
}

/** What can be seen from here to be wrong. */
function faultOfCredential({ credential, clientId, now }: RefusalContext): string | undefined {
  if (credential === undefined) return undefined;
  const { commonName, leaf } = credential;
  if (commonName !== clientId) {
    const hint =
      asciiLowerCase(commonName) === asciiLowerCase(clientId)
        ? '; they differ in letter case only, and ids are case-sensitive'
        : '';
    return `the id is ${clientId}, but the certificate's common name is ${commonName}${hint}`;
  }
  const { from, until } = validityOf(leaf);
  if (now > until) return `the certificate of ${commonName} expired on ${new Date(until).toISOString()}`;
  if (now < from) return `the certificate of ${commonName} is valid only from ${new Date(from).toISOString()} on`;
  return undefined;
}

/** Where this device registered with DPS by another certificate than it showed the hub. */
function otherCertificate({ name, clientId, credential, registrations }: RefusalContext): string | undefined {
  const registered = registrations.get(assignmentKey(name, clientId));
  const shown = credential?.leaf.fingerprint256;
  if (registered === undefined || shown === undefined || registered === shown) return undefined;
  return (
    `DPS registered ${clientId} with the certificate ${shortened(registered)}, so the hub knows that one, and was shown ` +
    `${shortened(shown)} (SHA-256 thumbprints). After a new certificate, register with DPS again. A custom chain has to be ` +
    'the same in AzureIoT_OverrideAzureSphereAuthDPS and AzureIoT_OverrideAzureSphereAuthIoTHub, and in both or none'
  );
}

function assignmentKey(hub: string, deviceId: string): string {
  return `${asciiLowerCase(hub)}/${deviceId}`;
}

/** Enough of a thumbprint to tell certificates apart. */
function shortened(fingerprint: string): string {
  return `${fingerprint.replaceAll(':', '').slice(0, 8)}…`;
}

/** What to do about the error codes of DPS; the text of the service comes first. */
const dpsAdvice: Record<number, string> = {
  401002:
    'The CA certificate above the device’s has to be uploaded to DPS, verified by proof of possession, and named in an enrollment group; the device has to send its whole chain, and its certificate has to be valid.',
  400208: 'Link an IoT hub to DPS, or name one in the enrollment.',
  400209: 'DPS may not use the linked hub: check its access policy.',
};

/** What counts here of an answer of DPS. A field of another type than the service documents is left out. */
interface DpsBody {
  readonly status?: string | undefined;
  readonly errorCode?: number | undefined;
  readonly message?: string | undefined;
  readonly registrationState: {
    readonly errorCode?: number | undefined;
    readonly errorMessage?: string | undefined;
    readonly assignedHub?: string | undefined;
    readonly deviceId?: string | undefined;
  };
}

/** Characters that are shown of what DPS says: the advice follows. */
const MAX_SHOWN = 1000;

const ANSWER = '$dps/registrations/res/';
/** Characters that are shown of a value. */
const MAX_SHOWN_VALUE = 300;

/**
 * What is wrong with an answer of DPS that the SDK would take: its C reads any text for the status (what is no number, too large or below 0 is a
 * success for it), and ends texts at a NUL. Undefined: nothing is, or the answer is none.
 */
export function answerFault(name: string, topic: string, payload: string): SphereIotError | undefined {
  if (!topic.startsWith(ANSWER)) return undefined;
  const [status = ''] = topic.slice(ANSWER.length).split('/');
  if (!/^[1-9]\d\d$/.test(status)) return invalidAnswer(name, 'status', status);
  const { assignedHub, deviceId } = parse(payload)?.registrationState ?? {};
  if (assignedHub && !isHostName(assignedHub)) return invalidAnswer(name, 'assignedHub', assignedHub);
  if (deviceId !== undefined && /[^!-~]/.test(deviceId)) return invalidAnswer(name, 'deviceId', deviceId);
  return undefined;
}

function invalidAnswer(name: string, field: string, value: string): SphereIotError {
  const shown = printableLine(value, MAX_SHOWN_VALUE);
  return new SphereIotError(
    'DPS_ANSWER_INVALID',
    `${name} answered with the ${field} "${shown}", which is none: the connection was ended before the SDK saw it. Look at the service.`,
  );
}

/** In words why a registration was refused; undefined if the answer is none of a refusal. */
export function registrationRefusal(
  topic: string,
  payload: string,
  { name, clientId }: RefusalContext,
): SphereIotError | undefined {
  const status = Number(/^\$dps\/registrations\/res\/(\d+)\//.exec(topic)?.[1]);
  if (!(status < 429)) return undefined;
  const body = parse(payload);
  if (body?.status === 'disabled')
    return new SphereIotError('DPS_DISABLED', `${name}: the enrollment of ${clientId} is disabled. Enable it there.`);
  const failed = body?.status === 'failed';
  if (body === undefined || (!failed && body.errorCode === undefined)) return undefined;
  const errorCode = body.errorCode ?? body.registrationState.errorCode ?? status;
  const said = printableLine(body.message ?? body.registrationState.errorMessage ?? '', MAX_SHOWN);
  const advice = dpsAdvice[errorCode] ?? '';
  return new SphereIotError(
    'DPS_REGISTRATION_REFUSED',
    `${name} refused to register ${clientId}: ${errorCode} ${said} ${advice}`.trim(),
  );
}

/** The key in Registrations for the assignment that an answer of DPS tells; undefined if it tells none. */
export function assignmentOf(payload: string): string | undefined {
  const { assignedHub, deviceId } = parse(payload)?.registrationState ?? {};
  return assignedHub === undefined || deviceId === undefined ? undefined : assignmentKey(assignedHub, deviceId);
}

function parse(payload: string): DpsBody | undefined {
  const body = parseJson(payload);
  if (!isObject(body)) return undefined;
  const state = isObject(body['registrationState']) ? body['registrationState'] : {};
  return {
    status: text(body['status']),
    errorCode: number(body['errorCode']),
    message: text(body['message']),
    registrationState: {
      errorCode: number(state['errorCode']),
      errorMessage: text(state['errorMessage']),
      assignedHub: text(state['assignedHub']),
      deviceId: text(state['deviceId']),
    },
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
