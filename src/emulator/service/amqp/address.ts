import { asciiLowerCase } from '../../../ascii.js';

/** An address, or what a token is for: with scheme and host, with the host, or as a path alone. */
export interface Address {
  /** In lower case; '' where it is a path alone. */
  readonly host: string;
  /** As it is, without a slash at either end. */
  readonly path: string;
}

/** An audience: whatever stands before the first slash is a host. */
export function parseAudience(audience: string): Address {
  const [host = '', ...path] = withoutScheme(audience).split('/');
  return { host: asciiLowerCase(host), path: path.filter(Boolean).join('/') };
}

/** An address of a link: a host only follows a scheme. */
export function parseAddress(address: string): Address {
  return address.includes('://') ? parseAudience(address) : { host: '', path: parts(address).join('/') };
}

/** The segments of a path, without empty ones. */
export function parts(path: string): readonly string[] {
  return path.split('/').filter(Boolean);
}

function withoutScheme(uri: string): string {
  return uri.replace(/^[a-z]+:\/\//i, '');
}
