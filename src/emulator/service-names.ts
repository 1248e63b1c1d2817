import { asciiLowerCase } from '../ascii.js';

/** The name that every DPS of the public cloud has (protocol.md#dps-connect): the tenant is told by the id scope, not by the name. */
export const DPS_ENDPOINT = 'global.azure-devices-provisioning.net';

/** The name by which back ends reach a DPS of their own, in lower case (protocol.md#service-access). */
export function dpsServiceEndpoint(serviceName = 'contoso'): string {
  return `${asciiLowerCase(String(serviceName))}.azure-devices-provisioning.net`;
}

/** MQTT over TLS (protocol.md#dps-connect, protocol.md#hub-connect). */
export const MQTT_PORT = 8883;

/** MQTT over WebSocket, and HTTPS (protocol.md#dps-connect, protocol.md#hub-connect, protocol.md#file-upload). */
export const HTTPS_PORT = 443;

/** AMQP over TLS (protocol.md#service-amqp). */
export const AMQPS_PORT = 5671;

/** What a hub's Event Hubs-compatible endpoint is called: its host name, in lower case, and the name of the event hub. */
export function eventHubNames(hub: string): { readonly host: string; readonly name: string } {
  const [name = hub] = asciiLowerCase(hub).split('.');
  return { host: `iothub-ns-${name}.servicebus.windows.net`, name };
}

/** Names and addresses, with or without a port, under which unmodified clients reach a listener of this machine. */
export function isLocalName(name: string): boolean {
  const host = asciiLowerCase(name).replace(/:\d+$/, '');
  return host === 'localhost' || host === '[::1]' || host === '::1' || isLoopbackV4(host);
}

/** Whether listening there is open to this machine only. */
export function isLoopback(host: string): boolean {
  return asciiLowerCase(host) === 'localhost' || host === '::1' || isLoopbackV4(host);
}

function isLoopbackV4(host: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(host);
}
