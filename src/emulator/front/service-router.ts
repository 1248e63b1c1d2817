import { asciiLowerCase } from '../../ascii.js';
import { parseDpsUsername } from '../codec/dps-username.js';
import { parseHubUsername } from '../codec/hub-username.js';
import type { FaultTarget } from '../faults/fault.js';
import type { AmqpService } from '../contract/amqp-service.js';
import { pathParts, type HttpService } from '../contract/http-service.js';
import type { ConnectRequest, MqttService } from '../contract/mqtt-service.js';
import { DPS_ENDPOINT, eventHubNames, isLocalName } from '../service-names.js';
import type { Peer } from '../contract/peer.js';

type DeviceService = MqttService & HttpService;

/** What the paths of each service begin with, where no name says which is meant. */
const DPS_PATHS = /^(enrollments|enrollmentgroups|registrations)$/i;
const HUB_PATHS = /^(devices|twins|jobs|configurations|statistics|messages|digitaltwins)$/i;

/** The services behind one port. Hubs have their full names, in lower case. */
export interface RoutedServices<
  Dps extends DeviceService & { readonly serviceEndpoint: string },
  Hub extends DeviceService & { readonly name: string; readonly amqp: AmqpService },
  Storage extends HttpService & { readonly serverName: string },
> {
  readonly dps: Dps;
  readonly hubs: readonly Hub[];
  readonly storage: Storage;
}

/** Which service a client means: by the name that it asks for, or, under a local name, by what it says. */
export class ServiceRouter<
  Dps extends DeviceService & { readonly serviceEndpoint: string },
  Hub extends DeviceService & { readonly name: string; readonly amqp: AmqpService },
  Storage extends HttpService & { readonly serverName: string },
> {
  readonly #services: RoutedServices<Dps, Hub, Storage>;

  constructor(services: RoutedServices<Dps, Hub, Storage>) {
    this.#services = services;
  }

  /** The service with a full name. */
  named(name: string): Dps | Hub | Storage | undefined {
    const { dps, storage } = this.#services;
    if ([DPS_ENDPOINT, dps.serviceEndpoint].includes(asciiLowerCase(name))) return dps;
    if (asciiLowerCase(name) === storage.serverName) return storage;
    return this.hub(name);
  }

  /** The hub of which AMQP is meant: by the SNI name, else by what the client's `open` says. */
  ofAmqp(host: string, { serverName = '' }: Peer): AmqpService | undefined {
    const hub = [serverName, host].map((name) => this.hub(name) ?? this.hubOfEvents(name)).find(Boolean);
    return (hub ?? (isLocalName(host) ? this.#onlyHub : undefined))?.amqp;
  }

  /** The hub with an Event Hubs-compatible endpoint of that full name. */
  hubOfEvents(name: string): Hub | undefined {
    return this.#services.hubs.find((hub) => eventHubNames(hub.name).host === asciiLowerCase(name));
  }

  /** The hub with a full name. */
  hub(name: string): Hub | undefined {
    return this.#services.hubs.find((hub) => hub.name === asciiLowerCase(name));
  }

  /** By the SNI name, else by the host that is asked for; under a local name, by the path. */
  ofRequest(host: string, path: string, { serverName }: Peer): HttpService | undefined {
    const name = [serverName ?? '', host].find((known) => !isLocalName(known) && this.named(known));
    if (name !== undefined) return this.named(name);
    if (!isLocalName(host)) return undefined;
    const [first = '', second] = pathParts(path) ?? [];
    if (second === 'registrations' || DPS_PATHS.test(first)) return this.#services.dps;
    if (HUB_PATHS.test(first)) return this.#onlyHub;
    return this.#services.storage;
  }

  /** Whether devices that ask for that host mean DPS, by the SNI name before the host; under a local name they may. */
  isDps(host: string, { serverName }: Peer): boolean {
    const name = [serverName ?? '', host].find((known) => !isLocalName(known) && this.named(known));
    return name === undefined ? isLocalName(host) : asciiLowerCase(name) === DPS_ENDPOINT;
  }

  /** By the SNI name; else by the username's shape. */
  ofConnect({ peer, username }: ConnectRequest): Dps | Hub | undefined {
    const name = peer.serverName;
    if (name === DPS_ENDPOINT) return this.#services.dps;
    const bySni = name === undefined ? undefined : this.hub(name);
    if (bySni !== undefined) return bySni;
    if (parseDpsUsername(username) !== undefined) return this.#services.dps;
    const hub = parseHubUsername(username)?.hub;
    if (hub === undefined) return undefined;
    return this.hub(hub) ?? (isLocalName(hub) ? this.#onlyHub : undefined);
  }

  /** At what faults have to be aimed to strike this client. */
  target(request: ConnectRequest): FaultTarget {
    const service = this.ofConnect(request);
    if (service === undefined) return { device: request.clientId };
    return { service: 'name' in service ? service.name : DPS_ENDPOINT, device: request.clientId };
  }

  /** Under a local name a hub is told from others only where there is one. */
  get #onlyHub(): Hub | undefined {
    const { hubs } = this.#services;
    return hubs.length === 1 ? hubs[0] : undefined;
  }
}
