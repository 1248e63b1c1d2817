import type { X509Certificate } from 'node:crypto';

import { defined } from '../defined.js';
import { describeCertificate, isIssuer, type CertificateDescription } from '../certificates/index.js';
import { printableLine } from '../printable.js';

const GREEN = '32';
const RED = '31';
const DIM = '2';

type Paint = (code: string, text: string) => string;

interface Node {
  readonly certificate: X509Certificate;
  readonly children: Node[];
}

/** The certificates as trees, each under its issuer, where that is in the file. */
export function drawChain(certificates: readonly X509Certificate[], now: number, paint: Paint): string {
  return forest(certificates)
    .flatMap((tree) => draw(tree, now, paint, '', ''))
    .join('');
}

/** The same, JSON-able: each certificate with the index of its issuer. */
export function describeChain(
  certificates: readonly X509Certificate[],
  now: number,
): { readonly certificates: readonly (CertificateDescription & { readonly issuerIndex?: number })[] } {
  return {
    certificates: certificates.map((certificate) => {
      const issuer = issuerOf(certificate, certificates);
      const issuerIndex = issuer === undefined ? undefined : certificates.indexOf(issuer);
      return { ...describeCertificate(certificate, now), ...defined({ issuerIndex }) };
    }),
  };
}

function forest(certificates: readonly X509Certificate[]): Node[] {
  const nodes = new Map(certificates.map((certificate) => [certificate, { certificate, children: [] as Node[] }]));
  const roots: Node[] = [];
  for (const node of nodes.values()) {
    const issuer = issuerOf(node.certificate, certificates);
    (issuer === undefined ? roots : (nodes.get(issuer) as Node).children).push(node);
  }
  return roots;
}

/** Another one than itself, so that there is no circle. */
function issuerOf(certificate: X509Certificate, all: readonly X509Certificate[]): X509Certificate | undefined {
  if (isIssuer(certificate, certificate)) return undefined;
  return all.find((other) => other !== certificate && isIssuer(other, certificate));
}

function draw({ certificate, children }: Node, now: number, paint: Paint, first: string, rest: string): string[] {
  const { commonName, subject, key, ca, selfSigned, validFrom, validUntil, validity, thumbprints, issuer } =
    describeCertificate(certificate, now);
  const kind = selfSigned ? 'root' : ca ? 'CA' : 'leaf';
  const until = validity === 'notYetValid' ? `not valid before ${validFrom}` : `until ${validUntil}`;
  const state = validity === 'valid' ? paint(GREEN, 'valid') : paint(RED, validity === 'expired' ? 'expired' : 'early');
  const lines = [
    `${first}${printableLine(commonName ?? subject)}`,
    `${rest}${paint(DIM, `  ${kind}, ${key}, ${until}: `)}${state}`,
    `${rest}${paint(DIM, `  SHA-1 ${thumbprints.sha1}`)}`,
  ];
  if (first === '' && !selfSigned)
    lines.push(`${rest}${paint(DIM, `  issuer, not in the file: ${printableLine(issuer)}`)}`);
  const below = children.flatMap((child, index) => {
    const last = index === children.length - 1;
    return draw(child, now, paint, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`);
  });
  return [...lines.map((line) => `${line}\n`), ...below];
}
