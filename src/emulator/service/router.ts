import type { IncomingHttpHeaders } from 'node:http';

import { asciiLowerCase } from '../../ascii.js';
import { parseJson } from '../../json.js';
import { pathParts, type HttpAnswer, type HttpHead, type HttpRequest } from '../contract/http-service.js';
import { decoded, queryValue } from '../codec/query.js';
import type { AccessPolicies, Right } from '../identity/access-policies.js';
import { parseIfMatch, type IfMatch } from './etag.js';
import { badRequest, ServiceError } from './service-error.js';

/** Bytes of a request whose token has the right to it; chosen: bulk operations have a hundred devices at most. */
export const MAX_SERVICE_BODY_BYTES = 1024 * 1024;
/** Bytes of any other: as many as devices may send. */
const MAX_OTHER_BODY_BYTES = 64 * 1024;

/** A request that was let in. */
export interface ServiceCall {
  /** What stands in the path where the route has `{…}`, decoded, in order. */
  readonly ids: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly ifMatch: IfMatch;
  /** Parsed JSON; undefined where it is empty. */
  readonly body: unknown;
  /** A parameter of the query, decoded; undefined where it is missing or empty. */
  parameter(name: string): string | undefined;
}

/** One operation of a service. */
export interface ServiceRoute {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** For example `devices/{id}/modules/{moduleId}`. Words are compared without regard to case. */
  readonly path: string;
  readonly right: Right;
  answer(call: ServiceCall): HttpAnswer | Promise<HttpAnswer>;
}

export interface RouterOptions {
  /** How an error names what answers: `The IoT Hub emulator contoso.azure-devices.net of sphere-iot`. */
  readonly title: string;
  readonly policies: AccessPolicies;
  readonly routes: readonly ServiceRoute[];
  /** An error in the service's own form. */
  refusal(error: ServiceError): HttpAnswer;
  /** An error of the emulator's own objects, in the service's words. Throws what is none. */
  translated(error: unknown): ServiceError;
}

/** Finds the operation that a request asks for, and lets it in if its token has the right (protocol.md#service-access). */
export class Router {
  readonly #options: RouterOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Bytes that a body may have: not many are kept of one whose token has no right. */
  maxBodyBytes(head: HttpHead): number {
    const found = this.#find(head);
    return 'route' in found && this.#accessFault(head, found.route) === undefined
      ? MAX_SERVICE_BODY_BYTES
      : MAX_OTHER_BODY_BYTES;
  }

  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    try {
      const answer = this.#admit(request);
      return answer instanceof Promise ? answer.catch((error: unknown) => this.#refused(error)) : answer;
    } catch (error) {
      return this.#refused(error);
    }
  }

  #admit(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    const found = this.#find(request);
    if (!('route' in found)) throw found;
    const { route, ids } = found;
    if ((queryValue(request.query, 'api-version') ?? '') === '')
      throw new ServiceError(400, 'InvalidProtocolVersion', 'The query has no api-version.', 400001);
    const fault = this.#accessFault(request, route);
    if (fault !== undefined) throw unauthorized(fault);
    const { headers, query } = request;
    return route.answer({
      ids,
      headers,
      ifMatch: parseIfMatch(headers['if-match']),
      body: bodyOf(request),
      parameter: (name) => decoded(queryValue(query, name) ?? '') || undefined,
    });
  }

  #find(head: HttpHead): { route: ServiceRoute; ids: readonly string[] } | ServiceError {
    const parts = pathParts(head.path) ?? [];
    const there = this.#options.routes.flatMap((route) => {
      const ids = idsOf(route.path, parts);
      return ids === undefined ? [] : [{ route, ids }];
    });
    const method = methodOf(head);
    // Words before ids: `jobs/create` is no job.
    const fitting = there
      .filter(({ route }) => route.method === method)
      .sort((one, other) => one.ids.length - other.ids.length);
    return fitting[0] ?? this.#unknown(head, [...new Set(there.map(({ route }) => route.method))]);
  }

  /** In words what there is: a client that asks for something else finds out at once what it talks to. */
  #unknown({ path }: HttpHead, methods: readonly string[]): ServiceError {
    const { title, routes } = this.#options;
    if (methods.length > 0)
      return new ServiceError(
        405,
        'GenericMethodNotAllowed',
        `${title} takes ${methods.join(', ')} at ${decoded(path)}.`,
      );
    const known = [...new Set(routes.map((route) => `/${route.path}`))].join(', ');
    const nothing = `${title} has nothing at ${decoded(path)}`;
    return new Refusal(nothing, 404, 'GenericNotFound', `${nothing}. It has ${known}.`);
  }

  #accessFault({ headers, path }: HttpHead, { right }: ServiceRoute): string | undefined {
    return this.#options.policies.fault(headers.authorization, right, (pathParts(path) ?? []).join('/'));
  }

  #refused(error: unknown): HttpAnswer {
    const known = error instanceof ServiceError ? error : this.#options.translated(error);
    const reason = known instanceof Refusal ? known.reason : known.message;
    return { ...this.#options.refusal(known), reason };
  }
}

/** A refusal of which the emulator's events have the reason in other words than the client is told. */
class Refusal extends ServiceError {
  constructor(
    readonly reason: string,
    ...told: ConstructorParameters<typeof ServiceError>
  ) {
    super(...told);
  }
}

function unauthorized(reason: string): ServiceError {
  return new Refusal(reason, 401, 'IotHubUnauthorizedAccess', 'Unauthorized', 401002);
}

/** Java's client sends PATCH as POST (protocol.md#service-twins). */
function methodOf({ method, headers }: HttpHead): string {
  const override = headers['x-http-method-override'];
  return method === 'POST' && typeof override === 'string' ? override.toUpperCase() : method;
}

/** What stands where the pattern has `{…}`; undefined where the path has another form. */
function idsOf(pattern: string, parts: readonly string[]): readonly string[] | undefined {
  const expected = pattern.split('/');
  if (expected.length !== parts.length) return undefined;
  const isId = (word: string): boolean => word.startsWith('{');
  const fits = expected.every(
    (word, index) => isId(word) || asciiLowerCase(word) === asciiLowerCase(parts[index] as string),
  );
  return fits ? parts.filter((_, index) => isId(expected[index] as string)) : undefined;
}

function bodyOf({ body }: HttpRequest): unknown {
  if (body === undefined)
    throw new ServiceError(
      413,
      'GenericRequestEntityTooLarge',
      `The body has more than ${MAX_SERVICE_BODY_BYTES} bytes.`,
    );
  if (body.length === 0) return undefined;
  const value = parseJson(body);
  if (value === undefined) throw badRequest('The body is no JSON, or is nested too deep.');
  return value;
}
