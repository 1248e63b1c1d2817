import { defined } from '../../defined.js';
import { isObject, parseJson } from '../../json.js';
import { pathParts, saysJson, type HttpAnswer, type HttpRequest } from '../contract/http-service.js';
import { queryValue } from '../codec/query.js';
import { DPS_ENDPOINT } from '../service-names.js';
import { errorBody } from './answers.js';
import { credentialOf, type DpsCredential } from './dps-credential.js';
import type { DpsAnswer } from './dps-session.js';
import { isRegistrationId } from './registration-id.js';

/** Bytes of a request; chosen, the service's own limit is not documented. */
export const MAX_DPS_BODY_BYTES = 256 * 1024;

/** What the service does, whichever protocol asks for it. */
export interface DpsOperations {
  readonly idScope: string;
  now(): number;
  register(registrationId: string, credential: DpsCredential, body: Record<string, unknown>): DpsAnswer | 'none';
  poll(registrationId: string, credential: DpsCredential, operationId: string): DpsAnswer | 'none';
  /** The last registration. */
  lookUp(registrationId: string, credential: DpsCredential): DpsAnswer;
  /** Logs a refusal, and says what to answer. */
  refuse(registrationId: string, status: number, errorCode: number, message: string, reason: string): DpsAnswer;
}

/** The three requests of the device API, by the end of their path. */
const METHODS = { register: 'PUT', operations: 'GET', lookUp: 'POST' } as const;

interface DpsTarget {
  readonly kind: keyof typeof METHODS;
  readonly idScope: string;
  readonly registrationId: string;
  readonly operationId: string;
}

/** Device API over HTTPS: the answers of protocol.md#dps-answers, with their status, `retry-after` and `Location` as headers. */
export function answerDpsRequest(request: HttpRequest, operations: DpsOperations): HttpAnswer | 'none' {
  const target = targetOf(request.path);
  // Nobody's registration: there is no log to put it into but the emulator's.
  if (target === undefined)
    return {
      ...toHttp({ status: 404, body: errorBody(404000, 'Not Found', operations.now()) }),
      reason: 'DPS has nothing at this path',
    };
  const answer = answerTo(target, request, operations);
  if (answer === 'none') return 'none';
  const headers = answer.status === 405 ? { allow: METHODS[target.kind] } : locationOf(answer, target, request.query);
  return toHttp(answer, headers);
}

function targetOf(path: string): DpsTarget | undefined {
  const [idScope = '', registrations, registrationId = '', action, operationId = '', ...more] = pathParts(path) ?? [];
  if (registrations !== 'registrations' || registrationId === '' || more.length > 0) return undefined;
  const target = { idScope, registrationId, operationId };
  if (action === undefined) return { kind: 'lookUp', ...target };
  if (action === 'register' && operationId === '') return { kind: 'register', ...target };
  return action === 'operations' && operationId !== '' ? { kind: 'operations', ...target } : undefined;
}

function answerTo(target: DpsTarget, request: HttpRequest, operations: DpsOperations): DpsAnswer | 'none' {
  const { kind, registrationId, operationId } = target;
  const refuse = operations.refuse.bind(operations, registrationId);
  const method = METHODS[kind];
  if (request.method !== method)
    return refuse(405, 405000, 'Method Not Allowed', `${request.method} was sent, and this takes ${method}`);
  if ((queryValue(request.query, 'api-version') ?? '') === '')
    return refuse(400, 400000, 'Bad Request', 'the query has no api-version');
  if (!isRegistrationId(registrationId))
    return refuse(400, 400000, 'Bad Request', `${JSON.stringify(registrationId)} is no registration id`);
  const credential = credentialIn(request, target, operations);
  if (credential.kind === 'none') return refuse(401, 401002, 'Unauthorized', credential.reason);
  if (kind === 'operations') return operations.poll(registrationId, credential, operationId);
  if (request.body === undefined)
    return refuse(413, 413000, 'Request Entity Too Large', `the body has more than ${MAX_DPS_BODY_BYTES} bytes`);
  if (!saysJson(request))
    return refuse(415, 415000, 'Unsupported Media Type', 'the Content-Type is not application/json');
  const body = parseJson(request.body);
  if (!isObject(body)) return refuse(400, 400000, 'Bad Request', 'the body is no JSON object');
  return kind === 'lookUp'
    ? operations.lookUp(registrationId, credential)
    : operations.register(registrationId, credential, body);
}

function credentialIn(
  { headers, peer }: HttpRequest,
  target: DpsTarget,
  operations: DpsOperations,
): ReturnType<typeof credentialOf> {
  if (target.idScope !== operations.idScope)
    return { kind: 'none', reason: `the id scope ${target.idScope} is unknown` };
  return credentialOf({ peer, password: Buffer.from(headers.authorization ?? '') }, target, operations.now());
}

/** Where to ask for the result of what was accepted. */
function locationOf({ status, body }: DpsAnswer, { idScope, registrationId }: DpsTarget, query: string): object {
  const accepted = status === 202 ? parseJson(body) : undefined;
  const operationId = isObject(accepted) ? String(accepted['operationId']) : undefined;
  if (operationId === undefined) return {};
  const path = [idScope, 'registrations', registrationId, 'operations', operationId].map(encodeURIComponent).join('/');
  return { location: `https://${DPS_ENDPOINT}/${path}?api-version=${queryValue(query, 'api-version')}` };
}

/** `retry-after` in lower case: the C SDK looks for exactly that. */
function toHttp({ status, body, retryAfterSeconds, errorCode }: DpsAnswer, more: object = {}): HttpAnswer {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...defined({ 'retry-after': retryAfterSeconds?.toString(), 'x-ms-error-code': errorCode?.toString() }),
      ...more,
    },
    body,
  };
}
