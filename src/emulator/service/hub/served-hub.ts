import type { Clock } from '../../../clock/index.js';
import type { DeviceRegistry } from '../../hub/device-registry.js';
import type { FeedbackRecord } from '../../hub/feedback.js';
import type { HubDevice } from '../../hub/hub-device.js';

/** What the service side needs of its hub. */
export interface ServedHub {
  /** Full name, in lower case. */
  readonly name: string;
  readonly clock: Clock;
  readonly devices: DeviceRegistry;
  /** @throws SphereIotError `DEVICE_ID_INVALID`. */
  device(deviceId: string): HubDevice;
  /** Calls `listener` for each feedback record from now on. */
  onFeedback(listener: (record: FeedbackRecord) => void): () => void;
}
