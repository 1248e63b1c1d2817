import type { IConnectPacket } from 'mqtt-packet';

import type { SphereIotError } from '../../../errors.js';
import type { FaultTarget } from '../../faults/fault.js';
import type { Faults } from '../../faults/faults.js';
import type { ConnectRequest, ConnectRefusal, ConnectVerdict, Link, MqttService } from '../../contract/mqtt-service.js';

/** What a CONNECT is judged by before its service is known. */
export interface ConnectContext {
  readonly faults: Faults;
  /** Why the state can't be written at present; undefined where it can. */
  stateFault(): SphereIotError | undefined;
  serviceFor(request: ConnectRequest): MqttService | undefined;
  /** What faults have to be aimed at to strike its sender. */
  target(request: ConnectRequest): FaultTarget;
  /** Its server name and its username fit no service. */
  unknown(request: ConnectRequest): void;
}

/**
 * What becomes of a CONNECT (MQTT 3.1.1, 3.1.4): each step refuses it, or leaves it to the next one. The service takes the last: its
 * username, its client id, its credential, and then the session (`ProvisioningService.connect`, `IotHub.connect`).
 */
export function decideConnect(
  packet: IConnectPacket,
  request: ConnectRequest,
  link: Link,
  context: ConnectContext,
): ConnectVerdict {
  return (
    otherProtocol(packet) ??
    stateNotWritten(context) ??
    refusedByFault(request, context) ??
    context.serviceFor(request)?.connect(request, link) ??
    unknownService(request, context)
  );
}

/** MQTT-3.1.2-2; only 3.1.1 is spoken (protocol.md#dps-connect, protocol.md#hub-connect). */
function otherProtocol(packet: IConnectPacket): ConnectRefusal | undefined {
  const is311 = packet.protocolVersion === 4 && packet.protocolId === 'MQTT' && !isBridge(packet);
  return is311 ? undefined : { refuse: 1, reason: 'a protocol other than MQTT 3.1.1' };
}

/** The highest bit of the protocol level, which makes another level of it; the parser's types don't say so. */
function isBridge(packet: IConnectPacket & { bridgeMode?: boolean }): boolean {
  return packet.bridgeMode === true;
}

function stateNotWritten({ stateFault }: ConnectContext): ConnectRefusal | undefined {
  const fault = stateFault();
  return fault && { refuse: 3, reason: fault.message };
}

function refusedByFault(request: ConnectRequest, { faults, target }: ConnectContext): ConnectRefusal | undefined {
  const fault = faults.take('connack', target(request));
  return fault && { refuse: fault.options.code };
}

function unknownService(request: ConnectRequest, { unknown }: ConnectContext): ConnectRefusal {
  unknown(request);
  return { refuse: 5 };
}
