import { types } from 'node:util';
import { SphereIotError } from '../errors.js';
import { jsonOrText } from '../json.js';

export interface MethodAnswer {
  /** As of HTTP: 200 is success. */
  readonly status: number;
  /** Any value that JSON has. */
  readonly payload?: unknown;
}

/** Answers a direct method. Its payload was JSON; undefined if there was none. */
export type MethodHandler = (payload: unknown, name: string) => MethodAnswer;

/**
 * Answers a direct method for C; one without a handler is answered with 404.
 * @throws SphereIotError `METHOD_RESPONSE_INVALID` for a promise; what the handler throws.
 */
export function answerMethod(
  handler: MethodHandler | undefined,
  name: string,
  payload: Uint8Array,
): { status: number; response: string } {
  const given = payload.length === 0 ? undefined : jsonOrText(payload);
  const answer = handler === undefined ? { status: 404 } : handler(given, name);
  if (types.isPromise(answer)) throw promised(name, answer);
  return { status: answer.status, response: JSON.stringify(answer.payload ?? null) };
}

/** C needs the answer at once. */
function promised(method: string, answer: Promise<unknown>): SphereIotError {
  answer.catch(() => undefined); // nobody awaits it
  return new SphereIotError(
    'METHOD_RESPONSE_INVALID',
    `The handler of the method ${method} returned a promise: it answers at once, as in ({ delay }) => ({ status: 200 }). Leave out async and await.`,
  );
}
