import { createPrivateKey, X509Certificate } from 'node:crypto';

import type { KeptAuthority } from '../../certificates/certificate-authority.js';
import { CertificateAuthority, type Credential } from '../../certificates/index.js';
import type { Clock } from '../../clock/index.js';
import { only } from '../state/ids.js';
import { shape, text } from '../state/shape.js';
import { NO_NAMESPACE, type Codec, type Namespace } from '../state/store.js';

const DAY = 86_400_000;
const YEAR = 365 * DAY;

/** The emulator's own certificates, trusted by nobody who was not told to; made for each run, but for a root that is kept. */
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
 * @param namespace Where the root is kept, so that clients that trusted it before still do.
 */
export async function createServerIdentity(
  clock: Clock,
  names: readonly string[],
  namespace: Namespace = NO_NAMESPACE,
): Promise<ServerIdentity> {
  const now = clock.now();
  const machine = Date.now();
  const skewMs = YEAR + Math.max(0, now - machine);
  const validityMs = 20 * YEAR + Math.max(0, machine - now);
  const collection = namespace.collection('serverRoot', rootCodec);
  const [kept] = collection.entries();
  const root =
    kept === undefined
      ? await CertificateAuthority.create({
          subject: { commonName: 'sphere-iot emulator root' },
          clock,
          skewMs,
          validityMs,
        })
      : await CertificateAuthority.restore({ ...kept[1], clock, skewMs });
  if (kept === undefined) collection.put('root', root);
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

/** Its key is a secret. */
type KeptRoot = Pick<KeptAuthority, 'certificate' | 'privateKey'>;

const keptRoot = shape({ certificate: text, privateKey: text });

const rootCodec: Codec<KeptRoot> = {
  encode: ({ certificate, privateKey }) => ({
    certificate: certificate.toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }),
  decode: (value) => {
    const { certificate, privateKey } = keptRoot(value) as { certificate: string; privateKey: string };
    return { certificate: new X509Certificate(certificate), privateKey: createPrivateKey(privateKey) };
  },
  fits: only('root'),
};
