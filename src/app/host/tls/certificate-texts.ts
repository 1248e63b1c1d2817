import type { X509Certificate } from 'node:crypto';
import { validityOf } from '../../../certificates/index.js';
import { HostX509Text } from '../../../wasm/index.js';

/** The years that UTCTime has room for end before this one (RFC 5280). */
const FOUR_DIGIT_YEARS = 2050;

/** Texts of a certificate; undefined: it has none. */
export const CERTIFICATE_TEXTS: Readonly<Record<HostX509Text, (certificate: X509Certificate) => string | undefined>> = {
  [HostX509Text.subject]: ({ subject }) => onOneLine(subject),
  [HostX509Text.issuer]: ({ issuer }) => onOneLine(issuer),
  [HostX509Text.commonName]: ({ subject }) =>
    parts(subject)
      .findLast((part) => part.startsWith('CN='))
      ?.slice('CN='.length),
  [HostX509Text.serial]: ({ serialNumber }) =>
    serialNumber.padStart(serialNumber.length + (serialNumber.length % 2), '0'),
  [HostX509Text.notBefore]: (certificate) => derTime(validityOf(certificate).from),
  [HostX509Text.notAfter]: (certificate) => derTime(validityOf(certificate).until),
  [HostX509Text.hostNames]: ({ subjectAltName }) => hostNames(subjectAltName),
};

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
