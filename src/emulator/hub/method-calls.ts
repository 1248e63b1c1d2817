import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { parseJson } from '../mqtt/query.js';

/** What a device answered to a direct method. */
export interface MethodResult {
  readonly status: number;
  /** Parsed JSON; null where the device sent nothing. */
  readonly payload: unknown;
}

interface Call {
  answer(result: MethodResult): void;
  fail(error: SphereIotError): void;
}

/** The direct methods of one device that wait for their answer. */
export class MethodCalls {
  readonly #clock: Clock;
  readonly #deviceId: string;
  readonly #calls = new Map<string, Call>();
  #lastRequestId = 0;
  #closed = false;

  constructor(clock: Clock, deviceId: string) {
    this.#clock = clock;
    this.#deviceId = deviceId;
  }

  /** @param send Puts the request, with this id, on the wire. */
  start(name: string, timeoutMs: number, send: (requestId: string) => void): Promise<MethodResult> {
    if (this.#closed) return Promise.reject(closedError());
    const requestId = String(++this.#lastRequestId);
    const result = new Promise<MethodResult>((resolve, reject) => {
      const timer = this.#clock.setTimer(timeoutMs, () => {
        this.#calls.delete(requestId);
        reject(
          new SphereIotError(
            'METHOD_TIMEOUT',
            `${this.#deviceId} did not answer the method ${name} in ${timeoutMs} ms.`,
          ),
        );
      });
      const over = (): void => {
        timer.cancel();
        this.#calls.delete(requestId);
      };
      this.#calls.set(requestId, {
        answer: (value) => (over(), resolve(value)),
        fail: (error) => (over(), reject(error)),
      });
      send(requestId);
    });
    result.catch(() => undefined);
    return result;
  }

  /** Takes a device's answer; one that nobody waits for, or not any more, is ignored. */
  answered(requestId: string, status: number, payload: Buffer): void {
    const call = this.#calls.get(requestId);
    if (call === undefined) return;
    const value = payload.length === 0 ? null : parseJson(payload);
    if (value !== undefined) return call.answer({ status, payload: value });
    call.fail(
      new SphereIotError(
        'METHOD_RESPONSE_NOT_JSON',
        `${this.#deviceId} answered a method with status ${status} and ${payload.length} bytes that are not JSON.`,
      ),
    );
  }

  close(): void {
    this.#closed = true;
    for (const call of [...this.#calls.values()]) call.fail(closedError());
  }
}

function closedError(): SphereIotError {
  return new SphereIotError('EMULATOR_CLOSED', 'The emulator was closed, and no method can be answered any more.');
}
