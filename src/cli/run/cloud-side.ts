import type { CloudEvent, HubDevice, LocalAzure } from '../../emulator/index.js';
import { jsonOrText } from '../../json.js';
import type { Happenings } from './happenings.js';

/** Has what the cloud sees of its devices become happenings, until the cloud is closed. */
export function watchCloud(cloud: LocalAzure, hubs: readonly string[], happenings: Happenings): void {
  cloud.trace((entry) => happenings.add({ type: 'packet', entry }));
  const watched = new Set<string>();
  const watch = (hub: string, deviceId: string): void => {
    if (watched.has(`${hub} ${deviceId}`)) return;
    watched.add(`${hub} ${deviceId}`);
    void watchTelemetry(cloud.hub(hub).device(deviceId), happenings);
  };
  for (const hub of hubs) for (const { deviceId } of cloud.hub(hub).devices.list()) watch(hub, deviceId);
  cloud.onEvent((event) => {
    if (event.service === 'hub' && event.type === 'deviceCreated') watch(event.hub, event.deviceId);
    if (event.service === 'hub' && event.type === 'twinChanged')
      happenings.add({ type: 'twin', section: event.section, patch: event.patch });
    const text = describe(event);
    if (text !== undefined) happenings.add({ type: 'cloud', text });
  });
}

async function watchTelemetry(device: HubDevice, happenings: Happenings): Promise<void> {
  for await (const { body, properties } of device.telemetry({ timeout: Infinity }))
    happenings.add({ type: 'telemetry', body: jsonOrText(body), properties });
}

/** In a line, what is not shown otherwise. */
function describe(event: CloudEvent): string | undefined {
  const reason = 'reason' in event ? `: ${event.reason}` : '';
  if (event.service === 'hub') {
    if (event.type === 'connected' || event.type === 'disconnected') return `${event.hub} ${event.type}${reason}`;
    if (event.type === 'fileUploaded')
      return `${event.hub} file ${event.isSuccess ? 'uploaded' : 'not uploaded'}: ${event.blobName}`;
    return reason === '' ? undefined : `${event.hub} ${words(event.type)}${reason}`;
  }
  if (event.service === 'dps') {
    if (event.type === 'registered') return `DPS assigned ${event.deviceId} to ${event.assignedHub}`;
    return event.type === 'disconnected' || reason === '' ? undefined : `DPS ${words(event.type)}${reason}`;
  }
  return event.type === 'handshakeFailed' ? `TLS handshake failed${reason}` : undefined;
}

/** `authenticationFailed` → `authentication failed`. */
function words(type: string): string {
  return type.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
