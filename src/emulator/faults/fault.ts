/** What every fault can be told: at what it is aimed, and how often it strikes. */
export interface FaultAim {
  /** Registration id, at DPS in any case, or device id. Default: any device. */
  readonly device?: string | undefined;
  /** `dps`, `hub` for every hub, or the full name of a hub. Default: wherever the kind can occur. */
  readonly service?: string | undefined;
  /** How many times it strikes. Default 1; with `for`, as often as there is occasion. `Infinity` is allowed. */
  readonly times?: number | undefined;
  /** How many occasions it lets pass first. Default 0. */
  readonly after?: number | undefined;
  /** How long it is there, clock ms from its adding. Default: until it has struck `times` times. */
  readonly for?: number | undefined;
  /** Of striking on an occasion: 0 to 1. Default 1. Drawn by the seed, for each device in a sequence of its own. */
  readonly probability?: number | undefined;
}

/** MQTT packets that a device sends. */
export type FaultPacket = 'connect' | 'publish' | 'puback' | 'subscribe' | 'unsubscribe' | 'pingreq' | 'disconnect';

/** Which packet of the device brings it about. Default: whichever comes, and at once where the device is connected. */
interface OnPacket {
  readonly packet?: FaultPacket | undefined;
}

/** What can go wrong; `docs/faults.md` says what the device sees of each. */
export type FaultOptions = FaultAim &
  (
    | {
        /** The connection is closed in the TLS handshake. Not per device: it is not known then. */
        readonly kind: 'refuseTls';
      }
    | {
        /** The server shows a certificate that has expired. Not per device. */
        readonly kind: 'expiredCertificate';
      }
    | {
        /** The CONNECT is refused. */
        readonly kind: 'connack';
        readonly code: 1 | 2 | 3 | 4 | 5;
      }
    | ({
        /** The connection breaks off; the packet is not looked at. */
        readonly kind: 'drop';
      } & OnPacket)
    | ({
        /** The service closes the connection, as for a newer one of the same device (400027). */
        readonly kind: 'takeOver';
      } & OnPacket)
    | ({
        /** Nothing is read or answered any more; the connection stands. */
        readonly kind: 'halfOpen';
      } & OnPacket)
    | ({
        /** Everything that the connection sends, from then on, comes late. */
        readonly kind: 'delay';
        /** Clock ms. */
        readonly ms: number;
      } & OnPacket)
    | ({
        /** The connection is read slowly from then on, so that the device's writing stops. */
        readonly kind: 'slowReader';
        readonly bytesPerSecond: number;
      } & OnPacket)
    | {
        /** DPS answers a request with an error. */
        readonly kind: 'dpsError';
        /** 400 to 599; the C SDK tries again from 429 on (protocol.md#dps-clients). */
        readonly status: number;
        readonly retryAfterSeconds?: number | undefined;
        /** Default: both. */
        readonly request?: 'register' | 'poll' | undefined;
      }
    | {
        /** DPS does not answer a request. */
        readonly kind: 'dpsSilence';
        /** Default: both. */
        readonly request?: 'register' | 'poll' | undefined;
      }
    | {
        /** A registration is "assigning" for this many polls, then it goes on as it would. */
        readonly kind: 'dpsAssigning';
        readonly polls: number;
      }
    | {
        /** DPS answers that the enrollment is disabled. */
        readonly kind: 'dpsDisabled';
      }
    | {
        /** The hub answers a twin request with an error, and does not do it. */
        readonly kind: 'twinError';
        /** 400 to 599. */
        readonly status: number;
        /** Default: both. */
        readonly request?: 'get' | 'report' | undefined;
      }
    | {
        /** The hub does not answer a twin request, and does not do it. */
        readonly kind: 'twinSilence';
        /** Default: both. */
        readonly request?: 'get' | 'report' | undefined;
      }
    | {
        /** The hub takes a message of QoS 1, and its PUBACK is lost. */
        readonly kind: 'lostPuback';
      }
    | {
        /** The hub takes a message, and acknowledges it, only after a while. */
        readonly kind: 'throttledTelemetry';
        /** Clock ms. */
        readonly ms: number;
      }
    | {
        /** A cloud-to-device message of QoS 1 is sent twice, the second time with DUP. */
        readonly kind: 'duplicateC2d';
      }
    | {
        /** The hub refuses to call a method: `invokeMethod` rejects with `METHOD_THROTTLED`. */
        readonly kind: 'refusedMethod';
      }
    | {
        /** A method call never comes to the device: `invokeMethod` rejects with `TIMED_OUT`. */
        readonly kind: 'lostMethod';
      }
  );

export type FaultKind = FaultOptions['kind'];

/** The options of one kind. */
export type FaultOf<K extends FaultKind> = Extract<FaultOptions, { readonly kind: K }>;

/** Where a fault could strike now. */
export interface FaultTarget {
  /** Full name of the service. */
  readonly service?: string;
  readonly device?: string;
  /** The packet that came. */
  readonly packet?: string;
  /** What was asked of DPS, or of the twin. */
  readonly request?: string;
}

/** A fault that was added. */
export interface Fault {
  readonly options: FaultOptions;
  /** How often it has struck. */
  readonly hits: number;
  /** It was removed, or its time is over. */
  readonly isOver: boolean;
  /**
   * Says how often it has struck; it goes on. For the end of a test, which would have passed without the fault, too.
   * @throws SphereIotError `FAULT_NEVER_STRUCK`: it has struck nothing.
   */
  struck(): number;
  /** Ends it, and what lasts of it: a delay, slow reading. Whether it has struck does not matter. Twice is harmless. */
  remove(): void;
}

/** A fault that was struck by; what lasts does so until `isOver`. */
export interface Strike<K extends FaultKind> {
  readonly options: FaultOf<K>;
  readonly isOver: boolean;
  /** Of one that lasts: something has come late, or not at all. */
  felt(): void;
}
