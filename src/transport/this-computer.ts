import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { SphereIotError } from '../errors.js';

/** What every computer has of its own: 127.0.0.1, 0.0.0.0, ::1, ::; also as IPv4-mapped IPv6. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addSubnet('0.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
LOOPBACK.addAddress('::', 'ipv6');
/** IPv4-compatible IPv6 (RFC 4291): `::127.0.0.1`. */
LOOPBACK.addSubnet('::7f00:0', 104, 'ipv6');

/**
 * For a device its loopback addresses are the device itself, and never the computer that plays it; nor does it get to that by another
 * address. This is told of whatever a device says: an address in any notation, and each address that a name has when it is connected to.
 * @param address an address; anything else is none of this computer's.
 */
export function isThisComputer(address: string): boolean {
  return isIn(LOOPBACK, address) || isIn(addressesOfInterfaces(), address);
}

/** As they are now: a computer may join another network meanwhile. */
function addressesOfInterfaces(): BlockList {
  const list = new BlockList();
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((each) => each ?? []))
    list.addAddress(withoutZone(address), family === 'IPv4' ? 'ipv4' : 'ipv6');
  return list;
}

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(withoutZone(address), family === 4 ? 'ipv4' : 'ipv6');
}

/** Of an IPv6 address, what is before `%eth0`. */
function withoutZone(address: string): string {
  return address.split('%', 1)[0] ?? '';
}

/** @throws SphereIotError `DEVICE_LOOPBACK` where `host` is an address of this computer's own. */
export function refuseThisComputer(host: string, port: number): void {
  if (isThisComputer(host)) throw loopback(host, port, host);
}

/** Looks up as `lookup` does, without the addresses of this computer's own; the error is `DEVICE_LOOPBACK` where nothing else is left. */
export function lookupElsewhere(port: number, lookup: LookupFunction = dnsLookup): LookupFunction {
  return (name, options, callback) =>
    lookup(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const all = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      const elsewhere = all.filter(({ address }) => !isThisComputer(address));
      const [first] = elsewhere;
      if (first === undefined) callback(loopback(name, port, all[0]?.address ?? 'nothing'), []);
      else if (options.all === true) callback(null, elsewhere);
      else callback(null, first.address, first.family);
    });
}

function loopback(name: string, port: number, address: string): SphereIotError {
  const leads = name === address ? 'is' : `is ${address}, which is`;
  const what = isIn(LOOPBACK, address)
    ? 'the device itself, and not this computer'
    : 'an address of this computer, which no device reaches by itself';
  return new SphereIotError(
    'DEVICE_LOOPBACK',
    `${name}:${port} can't be reached: ${name} ${leads} ${what}. Map it to an endpoint to reach a server here.`,
  );
}
