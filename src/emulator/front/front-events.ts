import type { FaultKind } from '../faults/fault.js';

/** What the servers saw before it was known which service was meant; `at` in clock ms. */
export type LocalAzureEvent =
  | { readonly type: 'handshakeFailed'; readonly at: number; readonly serverName?: string; readonly reason: string }
  | {
      /** A CONNECT whose server name and username fit no service. */
      readonly type: 'unknownService';
      readonly at: number;
      readonly serverName?: string;
      readonly username: string;
    }
  | {
      /** An HTTP request that no service took, or storage refused. What DPS and hubs refuse is in their own events. */
      readonly type: 'httpRefused';
      readonly at: number;
      readonly serverName?: string;
      /** What it was answered with. */
      readonly status: number;
      /** Without its query; none where the request could not be read. */
      readonly path?: string;
      readonly reason: string;
    }
  | {
      /** Something that a client of AMQP asked for: a token, a link, a message, or the connection itself. */
      readonly type: 'amqpRefused';
      readonly at: number;
      readonly serverName?: string;
      readonly reason: string;
    }
  | {
      /** A connection ended; with a client id once it sent a CONNECT. Reasons of protocol are seen here. */
      readonly type: 'connectionClosed';
      readonly at: number;
      readonly clientId?: string;
      readonly reason: string;
    }
  | {
      /** The state can't be written to its folder: from now on clients are refused, and what is connected is disconnected. */
      readonly type: 'stateNotWritten';
      readonly at: number;
      readonly reason: string;
    }
  | {
      /** It is written again, with all that happened meanwhile; clients are let in. */
      readonly type: 'stateWritten';
      readonly at: number;
    }
  | {
      /** The process has no file descriptor left: connections are accepted no more, and closed before a word. */
      readonly type: 'notAccepting';
      readonly at: number;
      readonly reason: string;
    }
  | {
      /** It has some again: connections are accepted. */
      readonly type: 'accepting';
      readonly at: number;
    }
  | {
      /** A fault that was asked for has struck. */
      readonly type: 'fault';
      readonly at: number;
      readonly kind: FaultKind;
      /** Full name of the service that it struck. */
      readonly endpoint?: string;
      /** As its client id says it. */
      readonly device?: string;
    };
