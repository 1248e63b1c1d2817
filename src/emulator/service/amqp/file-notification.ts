import type { HubEvent } from '../../hub/hub-events.js';

/** What back ends are told of a file that a device uploaded (protocol.md#file-upload). */
export interface FileNotification {
  readonly deviceId: string;
  readonly blobUri: string;
  readonly blobName: string;
  readonly lastUpdatedTime: string;
  readonly blobSizeInBytes: number;
  readonly enqueuedTimeUtc: string;
}

/** Undefined for every event but an upload that went well. */
export function fileNotificationOf(event: HubEvent): FileNotification | undefined {
  if (event.type !== 'fileUploaded' || !event.isSuccess) return undefined;
  const { deviceId, blobUri, blobName, blobSizeInBytes } = event;
  const at = new Date(event.at).toISOString();
  return { deviceId, blobUri, blobName, lastUpdatedTime: at, blobSizeInBytes, enqueuedTimeUtc: at };
}
