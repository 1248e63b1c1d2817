import { defined } from '../../defined.js';
import { disabledBody, errorBody } from './answers.js';
import type { DpsAnswer } from './dps-session.js';
import { errorCodeOf } from '../faults/error-code.js';
import type { AimedFaults } from '../faults/faults.js';

/** What DPS says to a request by a fault; undefined where none strikes. */
export function faultyDpsAnswer(
  faults: AimedFaults,
  request: 'register' | 'poll',
  registrationId: string,
  now: number,
): DpsAnswer | 'none' | undefined {
  if (faults.take('dpsSilence', { request })) return 'none';
  const error = faults.take('dpsError', { request })?.options;
  if (error !== undefined) {
    const errorCode = errorCodeOf(error.status);
    return {
      status: error.status,
      errorCode,
      body: errorBody(errorCode, 'An injected fault.', now),
      ...defined({ retryAfterSeconds: error.retryAfterSeconds }),
    };
  }
  if (request === 'register' && faults.take('dpsDisabled')) return { status: 200, body: disabledBody(registrationId) };
  return undefined;
}
