import type { TwinDocument } from './twin-document.js';
import type { TwinChange } from './twin.js';

/** What happened in a hub, on its wire and in its registry; `at` in clock ms, reasons in words. */
export type HubEvent =
  | {
      readonly type: 'deviceCreated' | 'deviceDeleted';
      readonly at: number;
      readonly deviceId: string;
      /** As it was then: for a new device the default twin (protocol.md#event-shapes). */
      readonly twin: TwinDocument;
    }
  | ({ readonly type: 'twinChanged'; readonly at: number; readonly deviceId: string } & TwinChange)
  | {
      readonly type: 'connected';
      readonly at: number;
      readonly deviceId: string;
      /** Whether subscriptions of an earlier connection were kept. */
      readonly sessionPresent: boolean;
      readonly modelId?: string;
      readonly clientType?: string;
    }
  | { readonly type: 'disconnected'; readonly at: number; readonly deviceId: string; readonly reason: string }
  | {
      readonly type: 'authenticationFailed';
      readonly at: number;
      /** As the client said it; '' where its username has another shape. */
      readonly deviceId: string;
      /** Of the CONNACK. */
      readonly returnCode: number;
      readonly reason: string;
    }
  | {
      readonly type: 'subscriptionRefused';
      readonly at: number;
      readonly deviceId: string;
      readonly filter: string;
      readonly reason: string;
    }
  | {
      /** A device said that a file upload is over, well or not: what a hub's file notifications tell, and more. */
      readonly type: 'fileUploaded';
      readonly at: number;
      readonly deviceId: string;
      /** `{deviceId}/{name}`. */
      readonly blobName: string;
      readonly blobUri: string;
      /** 0 where there is no blob. */
      readonly blobSizeInBytes: number;
      readonly correlationId: string;
      readonly isSuccess: boolean;
      /** As the device said them. */
      readonly statusCode?: number;
      readonly statusDescription?: string;
    }
  | {
      /** A request of file upload, over HTTPS. */
      readonly type: 'fileUploadRefused';
      readonly at: number;
      /** As the client said it. */
      readonly deviceId: string;
      /** Of the answer. */
      readonly status: number;
      /** For example 403006 (protocol.md#file-upload). */
      readonly errorCode: number;
      readonly reason: string;
    };
