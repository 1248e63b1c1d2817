import type { X509Certificate } from 'node:crypto';
import { validityOf } from '../../../certificates/index.js';

/** The years that UTCTime has room for end before this one (RFC 5280). */
const FOUR_DIGIT_YEARS = 2050;

/** Texts of a certificate, by HOST_X509_… of host.h; undefined: it has none. */
export const CERTIFICATE_TEXTS: readonly ((certificate: X509Certificate) => string | undefined)[] = [
  ({ subject }) => onOneLine(subject),
  ({ issuer }) => onOneLine(issuer),
  ({ subject }) =>
    parts(subject)
      .findLast((part) => part.startsWith('CN='))
      ?.slice('CN='.length),
  ({ serialNumber }) => serialNumber.padStart(serialNumber.length + (serialNumber.length % 2), '0'),
  (certificate) => derTime(validityOf(certificate).from),
  (certificate) => derTime(validityOf(certificate).until),
  ({ subjectAltName }) => hostNames(subjectAltName),
];

/** /C=US/CN=… */
function onOneLine(name: string | undefined): string {
  return parts(name)
    .map((part) => `/${part}`)
    .join('');
}

/** The parts of a name as Node has it: each on a line, special characters with a back-slash, or as one with their number. */
function parts(name: string | undefined): string[] {
  if (name === undefined || name === '') return [];
  return name.split('\n').map((part) => part.replace(/\\([0-9A-F]{2}|.)/g, (_, escaped: string) => unescaped(escaped)));
}

function unescaped(escaped: string): string {
  return escaped.length === 1 ? escaped : String.fromCharCode(Number.parseInt(escaped, 16));
}

function derTime(time: number): string {
  const date = new Date(time);
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < FOUR_DIGIT_YEARS ? digits.slice(2) : digits;
}

function hostNames(alternatives: string | undefined): string | undefined {
  const names = [...(alternatives ?? '').matchAll(/(?:^|, )DNS:("[^"]*"|[^,]*)/g)].map((match) => match[1] ?? '');
  return names.length === 0 ? undefined : names.map((name) => `${name}\n`).join('');
}
