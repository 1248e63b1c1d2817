import type { RegistrationSubstatus } from './registration.js';

/** What DPS saw on its wire; `at` in clock ms, reasons in words. */
export type DpsEvent =
  | { readonly type: 'connected'; readonly at: number; readonly registrationId: string }
  | { readonly type: 'disconnected'; readonly at: number; readonly registrationId: string; readonly reason: string }
  | {
      /** Refused at the CONNECT. */
      readonly type: 'authenticationFailed';
      readonly at: number;
      /** As the client said it; '' where its username has another shape. */
      readonly registrationId: string;
      /** Of the CONNACK. */
      readonly returnCode: number;
      readonly reason: string;
    }
  | {
      /** Refused or failed after the CONNECT, or over HTTPS. */
      readonly type: 'registrationRefused';
      readonly at: number;
      readonly registrationId: string;
      /** Of the response: 401 and other errors, or 200 for disabled and failed. */
      readonly status: number;
      /** For example 401002; none for disabled. */
      readonly errorCode?: number;
      readonly reason: string;
    }
  | {
      readonly type: 'registered';
      readonly at: number;
      readonly registrationId: string;
      readonly assignedHub: string;
      readonly deviceId: string;
      readonly substatus: RegistrationSubstatus;
    }
  | { readonly type: 'registrationDeleted'; readonly at: number; readonly registrationId: string };
