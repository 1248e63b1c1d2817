import { counted } from '../../counted.js';
import { SphereIotError } from '../../errors.js';
import { MAX_JSON_DEPTH, parseJson } from '../../json.js';
import { emulatorClosed } from '../observe/emulator-closed.js';

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
  readonly #deviceId: string;
  readonly #calls = new Map<string, Call>();
  #lastRequestId = 0;
  #closed = false;

  constructor(deviceId: string) {
    this.#deviceId = deviceId;
  }

  /**
   * @param send Puts the request, with this id, on the wire.
   * @param signal Gives up, with its reason; an answer that comes later is ignored.
   */
  start(send: (requestId: string) => void, signal: AbortSignal): Promise<MethodResult> {
    if (this.#closed) return Promise.reject(emulatorClosed());
    const requestId = String(++this.#lastRequestId);
    const result = new Promise<MethodResult>((resolve, reject) => {
      const over = (): boolean => this.#calls.delete(requestId);
      this.#calls.set(requestId, {
        answer: (value) => (over(), resolve(value)),
        fail: (error) => (over(), reject(error)),
      });
      signal.addEventListener('abort', () => over() && reject(signal.reason), { once: true });
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
        `${this.#deviceId} answered a method with status ${status} and ${counted(payload.length, 'byte')} that are not JSON, or are nested more than ${MAX_JSON_DEPTH} deep.`,
      ),
    );
  }

  close(): void {
    this.#closed = true;
    for (const call of [...this.#calls.values()]) call.fail(emulatorClosed());
  }
}
