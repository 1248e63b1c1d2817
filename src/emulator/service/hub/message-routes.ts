import type { HttpAnswer } from '../../contract/http-service.js';
import { json, NO_CONTENT } from '../json-answer.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import { ServiceError } from '../service-error.js';
import type { LockQueue } from '../lock-queue.js';
import type { FeedbackRecord } from '../../hub/feedback.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';

const FEEDBACK = 'messages/serviceBound/feedback';
const FEEDBACK_TYPE = 'application/vnd.microsoft.iothub.feedback.json';

/** Cloud-to-device messages as far as they go over HTTP: purge, and feedback (protocol.md#service-messages). */
export function messageRoutes(hub: ServedHub, feedback: LockQueue<FeedbackRecord>): readonly ServiceRoute[] {
  const settled = ({ ids: [lockToken = ''] }: ServiceCall, isDone: (lockToken: string) => boolean): HttpAnswer => {
    if (isDone(lockToken)) return NO_CONTENT;
    throw new ServiceError(
      412,
      'DeviceMessageLockLost',
      `No feedback is locked by ${lockToken}: it was settled, or 60 s are over.`,
      412002,
    );
  };
  return [
    { method: 'DELETE', path: 'devices/{id}/commands', right: 'ServiceConnect', answer: (call) => purged(hub, call) },
    { method: 'GET', path: FEEDBACK, right: 'ServiceConnect', answer: () => received(feedback) },
    {
      method: 'DELETE',
      path: `${FEEDBACK}/{lockToken}`,
      right: 'ServiceConnect',
      // Rejected or completed: it is gone either way.
      answer: (call) => settled(call, (lockToken) => feedback.complete(lockToken)),
    },
    {
      method: 'POST',
      path: `${FEEDBACK}/{lockToken}/abandon`,
      right: 'ServiceConnect',
      answer: (call) => settled(call, (lockToken) => feedback.abandon(lockToken)),
    },
  ];
}

function purged(hub: ServedHub, { ids: [deviceId = ''] }: ServiceCall): HttpAnswer {
  hub.devices.get(deviceId);
  return json({ totalMessagesPurged: hub.device(deviceId).purge(), deviceId, moduleId: null });
}

function received(feedback: LockQueue<FeedbackRecord>): HttpAnswer {
  const locked = feedback.receive();
  if (locked === undefined) return NO_CONTENT;
  const answer = json(locked.entries, locked.lockToken);
  return { ...answer, headers: { ...answer.headers, 'content-type': FEEDBACK_TYPE } };
}
