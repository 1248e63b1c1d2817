// What the two sides may differ in beside WIRE_MASKS of src/regression, and why.
import type { ScenarioCloud } from './scenario-cloud.js';

/** A line of a scenario, or undefined for one that only one side can have. */
export function maskSaid(line: string, world: ScenarioCloud): string | undefined {
  // Remarks of ours in an app's log, on why something failed: for people, and not of the C code.
  return line.startsWith('[sphere-iot] ') ? undefined : maskDevice(line, world);
}

/** Each run claims a device of its own, whose id is random. */
export function maskDevice(text: string, { device }: ScenarioCloud): string {
  return text.replaceAll(device.deviceId, '(device)').replaceAll(device.deviceId.toUpperCase(), '(device)');
}

/** When the hub enqueued a message is no part of what it got. */
export function maskTimes(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '(time)');
}

/**
 * A request to a proxy as a line. Native ones are made by http_proxy_io.c, ours by the host, as both TLS and the way to the
 * server are its; the names of HTTP fields have no case, and spaces before a value mean nothing (RFC 9110, 5.1 and 5.5).
 */
export function maskHttpHead(head: string): string {
  const [request, ...fields] = head.trim().split('\r\n');
  const plain = fields.map((field) => field.replace(/^([^:]+): */, (_, name: string) => `${name.toLowerCase()}: `));
  return [request, ...plain].join(' | ');
}
