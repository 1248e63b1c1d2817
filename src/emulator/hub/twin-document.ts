import { plain } from '../identity/client-certificate.js';
import type { DeviceIdentity } from './device-registry.js';
import type { TwinSnapshot } from './twin.js';
import type { JsonObject } from './twin-properties.js';

/** A twin as back ends see it, with the identity's part of it (protocol.md#event-shapes). No secret is in it. */
export interface TwinDocument {
  readonly deviceId: string;
  readonly etag: string;
  readonly deviceEtag: string;
  readonly status: 'enabled' | 'disabled';
  readonly connectionState: 'Connected' | 'Disconnected';
  readonly authenticationType: DeviceIdentity['authentication']['type'];
  readonly x509Thumbprint: { readonly primaryThumbprint: string | null; readonly secondaryThumbprint: string | null };
  readonly version: number;
  readonly tags: JsonObject;
  readonly properties: { readonly desired: JsonObject; readonly reported: JsonObject };
}

export function twinDocument(identity: DeviceIdentity, twin: TwinSnapshot, connected: boolean): TwinDocument {
  const { deviceId, etag, enabled, authentication } = identity;
  const thumbprints = authentication.type === 'selfSigned' ? authentication.thumbprints : undefined;
  return {
    deviceId,
    etag: twinEtag(twin),
    deviceEtag: etag,
    status: enabled ? 'enabled' : 'disabled',
    connectionState: connected ? 'Connected' : 'Disconnected',
    authenticationType: authentication.type,
    x509Thumbprint: {
      primaryThumbprint: shown(thumbprints?.primary),
      secondaryThumbprint: shown(thumbprints?.secondary),
    },
    version: twin.version,
    tags: twin.tags,
    properties: {
      desired: { ...twin.desired, $metadata: twin.desiredMetadata, $version: twin.desiredVersion },
      reported: { ...twin.reported, $metadata: twin.reportedMetadata, $version: twin.reportedVersion },
    },
  };
}

/**
 * Changes with tags and desired properties only: what the device reports never refuses a back end's conditional update
 * (protocol.md#twins-and-methods).
 */
function twinEtag({ version, reportedVersion }: TwinSnapshot): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(version - reportedVersion + 1));
  return bytes.toString('base64');
}

function shown(thumbprint: string | undefined): string | null {
  return thumbprint === undefined ? null : plain(thumbprint);
}
