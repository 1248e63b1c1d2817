import { Command, InvalidArgumentError } from 'commander';

import { realClock } from '../clock/index.js';
import { formatTraceEntry, LocalAzure, type LocalAzureOptions } from '../emulator/index.js';
import { SphereIotError } from '../errors.js';
import { collect } from './arguments.js';
import { openCatalog } from './catalog-location.js';
import { readCertificates, writeOutput } from './given-files.js';
import { examples } from './help.js';
import { pairs, usageError, writeJson, writeText, type CliIo, type CommonOptions } from './io.js';
import { errorOf } from './own-error.js';

const STANDARD_PORTS = [8883, 443, 5671];

interface Options extends CommonOptions {
  readonly hub?: readonly string[] | undefined;
  readonly idScope?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
  readonly standardPorts?: boolean | undefined;
  readonly allowNonLoopback?: boolean | undefined;
  readonly trustRoots: string;
  readonly ca?: readonly string[] | undefined;
  readonly catalog?: string | undefined;
  readonly passphraseFile?: string | undefined;
  readonly state?: string | undefined;
  readonly maxConnections?: number | undefined;
  readonly partitions?: number | undefined;
  readonly consumerGroup?: readonly string[] | undefined;
  readonly trace?: boolean | undefined;
}

/** `sphere-iot emulate`: DPS and IoT Hubs on ports of this machine, until Ctrl-C. */
export function emulateCommand(io: CliIo): Command {
  return new Command('emulate')
    .description('run DPS and IoT Hubs on this machine, for any device client, until Ctrl-C')
    .option(
      '--hub <name>',
      "a hub's full name; more than once for several (default: contoso.azure-devices.net)",
      collect,
    )
    .option('--id-scope <scope>', "DPS's id scope (default: 0ne00000000)")
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <number>', 'one port for MQTT, AMQP, WebSocket and HTTPS (default: any that is free)', port)
    .option('--standard-ports', 'listen on 8883, 443 and 5671, as Azure does')
    .option('--allow-non-loopback', 'let other machines reach it: needed for a --host that is not of this machine only')
    .option('--trust-roots <file>', 'where to write the root that clients have to trust, PEM', 'trust-roots.pem')
    .option('--ca <file>', 'DPS lets in devices below this CA; PEM or DER; more than once for several', collect)
    .option('--catalog <folder>', "DPS lets in the catalog's devices")
    .option('--passphrase-file <file>', "holds the passphrase of the catalog's keys")
    .option(
      '--state <folder>',
      'keep devices, twins, messages and keys there, and go on with them (default: nothing is kept)',
    )
    .option('--max-connections <number>', 'connections that may be open at once (default: 10000)', wholeNumber)
    .option('--partitions <number>', "of each hub's Event Hubs-compatible endpoint: 1 to 32 (default: 4)", partitions)
    .option(
      '--consumer-group <name>',
      'one of that endpoint, beside $Default; more than once for several',
      consumerGroup,
    )
    .option('--trace', 'print everything on the connections, a line each')
    .option('--json', 'print JSON, an object per line')
    .addHelpText(
      'after',
      examples(
        'emulate --catalog catalog --trace',
        'emulate --standard-ports --ca factory-ca.pem --hub contoso.azure-devices.net --hub fabrikam.azure-devices.net',
      ),
    )
    .action((options: Options) => emulate(io, options));
}

async function emulate(io: CliIo, options: Options): Promise<void> {
  if (options.standardPorts && options.port !== undefined)
    throw usageError('Give --standard-ports or --port, not both.');
  const authorities = await authoritiesOf(io, options);
  const azure = await LocalAzure.start(startOptions(options));
  try {
    for (const certificate of authorities) letIn(azure, certificate);
    tellFaults(io, azure);
    if (options.trace) traceTo(io, azure, options);
    const addresses = await listen(azure, options);
    await writeOutput(options.trustRoots, azure.trustRoots);
    tell(io, azure, addresses, options);
    await interruption(io.interrupted);
  } finally {
    await azure.close();
  }
}

function startOptions(options: Options): LocalAzureOptions {
  const { hub, idScope, state, maxConnections, partitions, consumerGroup: consumerGroups } = options;
  return {
    hubs: hub?.map((name) => name.toLowerCase()),
    hub: { partitions, consumerGroups },
    idScope,
    state,
    maxConnections,
  };
}

/** The CA certificates of the files and of the catalog, its replaced ones too. */
async function authoritiesOf(io: CliIo, { ca = [], catalog, passphraseFile }: Options): Promise<readonly Buffer[]> {
  const files = await Promise.all(ca.map(readCertificates));
  const ofFiles = files.map(({ certificates: [first] }) => first!.raw);
  if (catalog === undefined) return ofFiles;
  const opened = await openCatalog(io, { dir: catalog, passphraseFile });
  return [...ofFiles, ...opened.catalog.authorities.map(({ der }) => der)];
}

/** Trusts a CA without a proof of possession, as its owner runs this, and lets in the devices below it. */
function letIn({ dps: { certificates, enrollmentGroups } }: LocalAzure, certificate: Buffer): void {
  const present = certificates.list().find((entry) => entry.certificate.raw.equals(certificate));
  const name = `ca-${certificates.list().length + 1}`;
  const { name: caName } = present ?? certificates.upload(name, certificate, { verified: true });
  const hasGroup = enrollmentGroups.list().some(({ attestation }) => attestation.x509?.caName === caName);
  if (!hasGroup) enrollmentGroups.create({ id: caName, attestation: { x509: { caName } } });
}

/** To the operator, at once: clients are refused meanwhile. */
function tellFaults(io: CliIo, azure: LocalAzure): void {
  azure.onEvent((event) => {
    if (event.type === 'stateNotWritten' || event.type === 'notAccepting') writeText(io.stderr, `${event.reason}\n`);
    if (event.type === 'stateWritten')
      writeText(io.stderr, "The emulator's state is written again; clients are let in.\n");
    if (event.type === 'accepting')
      writeText(io.stderr, 'There are file descriptors again: connections are accepted.\n');
  });
}

function traceTo(io: CliIo, azure: LocalAzure, { json }: Options): void {
  azure.trace((entry) => (json ? writeJson(io.stdout, entry) : writeText(io.stdout, `${formatTraceEntry(entry)}\n`)));
}

interface Address {
  readonly host: string;
  readonly port: number;
}

async function listen(azure: LocalAzure, options: Options): Promise<readonly Address[]> {
  const { host, port = 0, standardPorts, allowNonLoopback = false } = options;
  const addresses: Address[] = [];
  for (const each of standardPorts ? STANDARD_PORTS : [port])
    addresses.push(
      await azure
        .listen({ host, port: each, allowNonLoopback })
        .catch((error: unknown) => unavailable(error, host, each)),
    );
  return addresses;
}

/** In the words of this command: options, not fields. */
function unavailable(error: unknown, host: string, port: number): never {
  const { code, message } = errorOf(error);
  if (code === 'LISTEN_NOT_LOOPBACK')
    throw new SphereIotError(
      code,
      `Other machines could reach the emulator on ${host}: leave out --host, or give --allow-non-loopback too.`,
    );
  if ((error as NodeJS.ErrnoException).syscall === 'getaddrinfo')
    throw new SphereIotError('ADDRESS_NOT_AVAILABLE', `There is no address ${host}: give another --host.`, {
      cause: error,
    });
  const advice = ADVICE[code];
  if (advice === undefined) throw error;
  throw new SphereIotError(code, `Port ${port} can't be listened on: ${message} ${advice}`, { cause: error });
}

const ADVICE: Readonly<Record<string, string>> = {
  PORT_IN_USE: 'Choose another with --port, or end what has it.',
  PORT_NOT_ALLOWED:
    'Ports below 1024 need a right that this user lacks: leave out --standard-ports, and map names with --endpoint.',
  ADDRESS_NOT_AVAILABLE: 'Give another --host.',
};

function tell(io: CliIo, azure: LocalAzure, addresses: readonly Address[], { json, trustRoots }: Options): void {
  const { idScope, endpoint, linkedHubs: hubs } = azure.dps;
  const connectionStrings = connectionStringsOf(azure);
  const facts = { endpoint, addresses, idScope, hubs, trustRoots, connectionStrings };
  if (json) return writeJson(io.stdout, { type: 'started', at: realClock.now(), ...facts });
  const rows = pairs([
    ['DPS', endpoint],
    ...addresses.map(({ host, port }) => ['Listens on', `${host}, port ${port}${purposeOf(port)}`] as const),
    ['ID scope', idScope],
    ...hubs.map((hub) => ['Hub', hub] as const),
    ['Trust root', trustRoots],
    ...connectionStrings.map(({ of, connectionString }) => [of, connectionString] as const),
  ]);
  writeText(
    io.stdout,
    `DPS and IoT Hub on this machine; Ctrl-C ends them.\n${rows}${deviceCommand(azure, addresses, trustRoots)}`,
  );
}

/** Each port serves all; a standard one is what clients of one protocol use. */
function purposeOf(port: number): string {
  const purposes: Readonly<Record<number, string>> = { 8883: 'MQTT', 443: 'HTTPS and WebSocket', 5671: 'AMQP' };
  return port in purposes ? ` (${purposes[port]})` : ' (MQTT, AMQP, WebSocket and HTTPS)';
}

/** What back ends paste: of the policy with all rights, of each hub and of DPS; of each hub's Event Hubs-compatible endpoint. They hold keys, and are shown here alone. */
function connectionStringsOf(azure: LocalAzure): readonly { readonly of: string; readonly connectionString: string }[] {
  const { policies, linkedHubs } = azure.dps;
  return [
    ...linkedHubs.flatMap((name) => [
      { of: 'Hub owner', connectionString: azure.hub(name).policies.connectionString('iothubowner') },
      { of: 'Events', connectionString: azure.hub(name).eventHubConnectionString() },
    ]),
    { of: 'DPS owner', connectionString: policies.connectionString('provisioningserviceowner') },
  ];
}

/** How a device of this command line gets there; the first port serves all. */
function deviceCommand({ dps }: LocalAzure, [address]: readonly Address[], trustRoots: string): string {
  const host = address!.host.includes(':') ? `[${address!.host}]` : address!.host;
  const mapped = [dps.endpoint, ...dps.linkedHubs].map((name) => `--endpoint ${name}:8883=${host}:${address!.port}`);
  const lines = [
    `sphere-iot device connect DEVICE_ID --id-scope ${dps.idScope} --trust-roots ${trustRoots}`,
    ...mapped,
  ];
  return `A device connects with:\n  ${lines.join(' \\\n    ')}\n`;
}

function interruption(interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (interrupted.aborted) resolve();
    else interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError('Give a port: 0 to 65535.');
  return number;
}

function partitions(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 32) throw new InvalidArgumentError('Give a number from 1 to 32.');
  return number;
}

/** As Event Hubs has them. */
function consumerGroup(text: string, before?: readonly string[]): readonly string[] {
  if (!/^[A-Za-z0-9]([\w.-]{0,48}[A-Za-z0-9])?$/.test(text))
    throw new InvalidArgumentError(
      'Give 1 to 50 letters, digits, dots, hyphens and underscores; a letter or digit at both ends.',
    );
  return collect(text, before);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return Number(text);
}
