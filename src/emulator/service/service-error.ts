import { told } from '../contract/told.js';

/** A request that a service refuses: what its client is told, in the form of that service. */
export class ServiceError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** The name that the service's documentation gives the error, for example `DeviceNotFound`. */
  readonly errorName: string;
  /** The service's number of the error. */
  readonly code: number;

  constructor(status: number, errorName: string, message: string, code = status * 1000) {
    super(told(message));
    this.status = status;
    this.errorName = errorName;
    this.code = code;
  }
}

/** 400: the request says something that the service can't take. */
export function badRequest(message: string): ServiceError {
  return new ServiceError(400, 'ArgumentInvalid', message, 400004);
}
