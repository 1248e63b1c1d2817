import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { splitPem, validityOf } from '../certificates/index.js';
import { realClock, type Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';

/** What of a TlsRequest says what is checked. */
interface Checked {
  readonly name: string;
  readonly verifyPeer?: boolean;
  readonly verifyHost?: boolean;
}

/**
 * Says what is wrong with the server of a connection whose handshake is done: its certificate does not lead to a trust
 * root, is not valid at the clock's time, or names another host. Undefined if nothing is that was to be checked.
 *
 * OpenSSL reads the machine's clock, so Node's own verdict serves only where that is the clock; otherwise the chain is
 * followed here, with the same rules.
 */
export function faultOfServer(
  socket: TLSSocket,
  { name, verifyPeer = true, verifyHost = true }: Checked,
  trustRoots: readonly string[],
  clock: Clock,
): SphereIotError | undefined {
  const peer = socket.getPeerCertificate(true);
  const wrongName = verifyHost ? checkServerIdentity(name, peer) : undefined;
  if (wrongName !== undefined)
    return new SphereIotError(
      'SERVER_NAME_MISMATCH',
      `The server that answers for ${name} has a certificate for another host (${peer.subjectaltname ?? peer.subject?.CN ?? 'no name'}). Check the host name and where it is mapped to.`,
      { cause: wrongName },
    );
  if (!verifyPeer) return undefined;
  const reason = clock === realClock ? nodeVerdict(socket) : ownVerdict(certificatesOf(peer), trustRoots, clock);
  if (reason === undefined) return undefined;
  return new SphereIotError(
    'SERVER_NOT_TRUSTED',
    `The certificate of ${name} is not trusted: ${reason}. Give its root as a trust root, or OPTION_TRUSTED_CERT.`,
  );
}

function nodeVerdict(socket: TLSSocket): string | undefined {
  return socket.authorized ? undefined : String(socket.authorizationError);
}

/** The certificates that the server sent, leaf first. */
function certificatesOf(peer: DetailedPeerCertificate): X509Certificate[] {
  const certificates: X509Certificate[] = [];
  for (let next: DetailedPeerCertificate | undefined = peer; next?.raw !== undefined; next = next.issuerCertificate) {
    certificates.push(new X509Certificate(next.raw));
    if (next.issuerCertificate === next) break;
  }
  return certificates;
}

function ownVerdict(sent: readonly X509Certificate[], trustRoots: readonly string[], clock: Clock): string | undefined {
  const roots = trustRoots.flatMap(splitPem).map((pem) => new X509Certificate(pem));
  return sent.length === 0 ? 'it sent none' : faultOfChain(sent, roots, clock.now())?.reason;
}

/** Why certificates are not trusted. */
export interface ChainFault {
  readonly kind: 'unknownIssuer' | 'notYetValid' | 'expired';
  /** In words. */
  readonly reason: string;
}

/**
 * Says why the first of the certificates that a peer sent does not lead to a trust root, or is not valid, by the time `now` (clock
 * milliseconds); undefined: it is trusted.
 */
export function faultOfChain(
  sent: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
): ChainFault | undefined {
  let current = sent[0] as X509Certificate;
  for (let length = 0; length <= sent.length; length++) {
    const { from, until } = validityOf(current);
    if (now < from) return { kind: 'notYetValid', reason: `${current.subject} is not valid yet` };
    if (now > until) return { kind: 'expired', reason: `${current.subject} has expired` };
    const known = current;
    if (roots.some((root) => root.fingerprint256 === known.fingerprint256)) return undefined;
    const issuer: X509Certificate | undefined = [...roots, ...sent].find(
      (candidate) =>
        candidate.ca && candidate !== known && known.checkIssued(candidate) && known.verify(candidate.publicKey),
    );
    if (issuer === undefined) return { kind: 'unknownIssuer', reason: `the issuer of ${current.subject} is unknown` };
    current = issuer;
  }
  return { kind: 'unknownIssuer', reason: 'its chain has a loop' };
}
