import { CertificateAuthority, type Credential } from '../certificates/index.js';
import type { Clock } from '../clock/index.js';

const DAY = 86_400_000;
const YEAR = 365 * DAY;

/** The emulator's own certificates: made for each run, trusted by nobody who was not told to. */
export interface ServerIdentity {
  /** PEM of the root CA: what clients have to trust. */
  readonly trustRoots: string;
  readonly credential: Credential;
  /** One for the same names that expired a day ago, made at the first call. */
  expired(): Promise<Credential>;
}

/**
 * Valid by the clock and by the machine's time, as Node's TLS clients check against the latter: from a year before the
 * earlier of the two until 20 years after the later.
 */
export async function createServerIdentity(clock: Clock, names: readonly string[]): Promise<ServerIdentity> {
  const now = clock.now();
  const machine = Date.now();
  const skewMs = YEAR + Math.max(0, now - machine);
  const validityMs = 20 * YEAR + Math.max(0, machine - now);
  const root = await CertificateAuthority.create({
    subject: { commonName: 'sphere-iot emulator root' },
    clock,
    skewMs,
    validityMs,
  });
  const request = {
    commonName: names[0] as string,
    subjectAltNames: [...names, 'localhost', '127.0.0.1', '::1'],
    usage: 'server',
  } as const;
  const credential = await root.issue({ ...request, validityMs });
  let expired: Promise<Credential> | undefined;
  return {
    trustRoots: root.pem,
    credential,
    // By the clock and by the machine's time.
    expired: () => (expired ??= root.issue({ ...request, validityMs: Math.min(0, Date.now() - clock.now()) - DAY })),
  };
}
