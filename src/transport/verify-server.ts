import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';
import { findPath, sentCertificates, splitPem, type PathFault } from '../certificates/index.js';
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
  const peer = sentCertificates(socket).leaf;
  const wrongName = verifyHost ? checkServerIdentity(name, peer) : undefined;
  if (wrongName !== undefined)
    return new SphereIotError(
      'SERVER_NAME_MISMATCH',
      `The server that answers for ${name} has a certificate for another host (${namesOf(peer)}). Check the host name and where it is mapped to.`,
      { cause: wrongName },
    );
  if (!verifyPeer) return undefined;
  const reason =
    clock === realClock ? nodeVerdict(socket) : ownVerdict(sentCertificates(socket).certificates, trustRoots, clock);
  if (reason === undefined) return undefined;
  return new SphereIotError(
    'SERVER_NOT_TRUSTED',
    `The certificate of ${name} is not trusted: ${reason}. Give its root as a trust root, or OPTION_TRUSTED_CERT.`,
  );
}

function nodeVerdict(socket: TLSSocket): string | undefined {
  return socket.authorized ? undefined : String(socket.authorizationError);
}

function ownVerdict(sent: readonly X509Certificate[], trustRoots: readonly string[], clock: Clock): string | undefined {
  const roots = trustRoots.flatMap(splitPem).map((pem) => new X509Certificate(pem));
  return sent.length === 0 ? 'it sent none' : faultOfChain(sent, roots, clock.now())?.reason;
}

/**
 * Says why the first of the certificates that a peer sent does not lead to a trust root as a TLS server's, by the time `now` (clock
 * milliseconds); undefined: it is trusted.
 */
export function faultOfChain(
  sent: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
): PathFault | undefined {
  const [leaf, ...others] = sent as [X509Certificate];
  const found = findPath(leaf, { anchors: roots, others, now, purpose: 'server', leafMayBeAnchor: true });
  return 'kind' in found ? found : undefined;
}

/** Of which hosts a certificate is. Node's types don't say that there may be no subject. */
function namesOf({ subjectaltname, subject }: PeerCertificate): string {
  const { CN } = (subject as Partial<PeerCertificate['subject']> | undefined) ?? {};
  return subjectaltname ?? (CN === undefined ? 'no name' : [CN].flat().join(', '));
}
