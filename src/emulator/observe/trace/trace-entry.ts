import type { TracedPacket } from './traced-packet.js';
import type { TracedPayload } from './payload.js';

/** `in`: from the client. */
export type TraceDirection = 'in' | 'out';

/** Which side ended a connection; `network`: it was lost. */
export type ClosedBy = 'client' | 'service' | 'network';

/** A frame of AMQP as plain data. */
export interface TracedFrame {
  /** In AMQP's words: `attach`, `transfer`, `sasl-init`; `header` and `sasl-header`, `empty`, `malformed`. */
  readonly performative: string;
  readonly channel?: number;
  /** What is shown of its fields. */
  readonly fields?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Of a message: where it goes, and its body. */
  readonly to?: string;
  readonly payload?: TracedPayload;
}

/** What was seen on a connection. */
export type TraceFact =
  | {
      /** TLS stands. */
      readonly type: 'handshake';
      /** For example `TLSv1.2`. */
      readonly version: string;
      /** The standard's name. */
      readonly cipher: string;
      readonly resumed: boolean;
      /** Undefined where the client showed none. */
      readonly clientCertificate?: {
        readonly subject: string;
        /** SHA-1, upper-case hex. */
        readonly thumbprint: string;
      };
    }
  | { readonly type: 'handshakeFailed'; readonly reason: string }
  | {
      /** A WebSocket was opened. */
      readonly type: 'webSocket';
      /** With its query. */
      readonly path: string;
      /** The sub-protocol, as it was agreed on. */
      readonly protocol: string;
    }
  | { readonly type: 'packet'; readonly direction: TraceDirection; readonly packet: TracedPacket }
  /** Of AMQP: a protocol header or a frame. */
  | { readonly type: 'frame'; readonly direction: TraceDirection; readonly frame: TracedFrame }
  | {
      /** An HTTP request (`in`: with method and path) or response (`out`: with status). */
      readonly type: 'http';
      readonly direction: TraceDirection;
      readonly method?: string;
      /** With its query; SAS signatures masked. */
      readonly path?: string;
      readonly status?: number;
      readonly body?: TracedPayload;
    }
  | { readonly type: 'closed'; readonly by: ClosedBy; readonly reason: string };

/** On which connection something was seen. */
export interface TraceOrigin {
  /** Connections are counted from 1, in the order in which they came. */
  readonly connection: number;
  /** The SNI name, in lower case. */
  readonly serverName?: string;
  /** Once a CONNECT was read. */
  readonly clientId?: string;
}

/** One line of a trace: plain data, of which JSON can be made. `at` in clock ms. */
export type TraceEntry = { readonly at: number } & TraceOrigin & TraceFact;
