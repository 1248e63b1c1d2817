import { Command, InvalidArgumentError, Option } from 'commander';

import type { Credential } from '../certificates/index.js';
import { SphereIotError } from '../errors.js';
import type { EndpointResolver } from '../transport/index.js';
import { collect, duration, passphraseOf } from './arguments.js';
import { openCatalog, withCatalog, type CatalogLocation } from './catalog-location.js';
import { connectDevice, type ConnectPlan } from './connect.js';
import { attest, customCredential, keptDaa } from './device-credential.js';
import { readCertificates, readText } from './given-files.js';
import { examples } from './help.js';
import { print, usageError, type CliIo, type CommonOptions } from './io.js';

interface Options extends CatalogLocation, CommonOptions {
  readonly chain?: readonly string[] | undefined;
  readonly key?: string | undefined;
  readonly idScope?: string | undefined;
  readonly dps: string;
  readonly hub?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly trustRoots?: string | undefined;
  readonly endpoint?: readonly Mapping[] | undefined;
  readonly allowInternet?: boolean | undefined;
  readonly protocol: 'mqtt' | 'mqtt-ws';
  readonly modelId?: string | undefined;
  readonly message?: readonly string[] | undefined;
  readonly stay?: boolean | undefined;
  readonly timeout: number;
  readonly sdkLog?: boolean | undefined;
}

interface Mapping {
  readonly name: string;
  readonly port: number;
  readonly toHost: string;
  readonly toPort: number;
}

const LAST_PORT = 65_535;

/** `sphere-iot device connect`: the sequence of a real device, against any DPS and hub. */
export function connectCommand(io: CliIo): Command {
  return withCatalog(new Command('connect'))
    .description(
      'let a device provision and connect as on the board, with the real SDK, to real services or local ones',
    )
    .argument('[device-id]', 'a claimed device: it connects with its DAA certificate')
    .option('--chain <file>', 'a custom certificate chain instead of DAA (both overrides); PEM or DER', collect)
    .option('--key <file>', "the custom leaf's private key; PEM or DER")
    .option('--id-scope <scope>', 'provision with DPS')
    .option('--dps <host>', "DPS's endpoint", 'global.azure-devices-provisioning.net')
    .option('--hub <host>', 'connect to this hub without DPS')
    .option('--device-id <id>', 'the identity in that hub, with DAA (default: the common name)')
    .option('--trust-roots <file>', 'PEM of the roots that the device trusts (default: those of Node)')
    .option('--endpoint <map>', 'NAME:PORT=HOST:PORT: where a name leads to; more than once for several', endpoint)
    .option('--allow-internet', 'names that no --endpoint maps may be reached over the internet')
    .addOption(new Option('--protocol <protocol>', 'how').choices(['mqtt', 'mqtt-ws']).default('mqtt'))
    .option('--model-id <dtmi>', 'PnP model id')
    .option('--message <text>', 'send this as telemetry; more than once for several', collect)
    .option('--stay', 'stay connected and show what comes, until Ctrl-C')
    .addOption(new Option('--timeout <duration>', 'give up after this time').argParser(duration).default(60_000, '60s'))
    .option('--sdk-log', "the SDK's log, on stderr")
    .addHelpText(
      'after',
      examples(
        'device connect 0123… --id-scope 0ne00000000 --allow-internet',
        'device connect --chain chain.pem --key key.pem --id-scope 0ne00000000 --allow-internet --message \'{"t":21}\'',
        'device connect 0123… --hub contoso.azure-devices.net --trust-roots roots.pem \\\n' +
          '      --endpoint contoso.azure-devices.net:8883=127.0.0.1:8883',
      ),
    )
    .action(async (deviceId: string | undefined, options: Options) => {
      check(deviceId, options);
      const credential = await credentialOf(io, deviceId, options);
      const plan = await planOf(options, credential, deviceId === undefined);
      print(io, options, await connectDevice(io, plan));
    });
}

function check(deviceId: string | undefined, { chain, key, idScope, hub }: Options): void {
  if ((chain === undefined) !== (key === undefined)) throw usageError('--chain and --key belong together.');
  if ((deviceId === undefined) === (chain === undefined))
    throw usageError('Name a claimed device, for DAA, or give --chain and --key.');
  if ((idScope === undefined) === (hub === undefined))
    throw usageError('Give --id-scope, to provision with DPS, or --hub.');
}

async function credentialOf(io: CliIo, deviceId: string | undefined, options: Options): Promise<Credential> {
  const { chain, key, dir, passphraseFile } = options;
  if (chain !== undefined && key !== undefined)
    return customCredential(chain, key, await passphraseOf(io, passphraseFile));
  const { catalog, passphrase } = await openCatalog(io, options);
  const { id } = catalog.device(deviceId as string);
  return (await keptDaa(dir, id, passphrase)) ?? attest(catalog, dir, id, passphrase);
}

async function planOf(options: Options, credential: Credential, custom: boolean): Promise<ConnectPlan> {
  const { idScope, dps, hub, deviceId, trustRoots, endpoint: mappings = [], allowInternet = false } = options;
  const { protocol, modelId, message: messages = [], stay = false, timeout, sdkLog = false, json = false } = options;
  return {
    credential,
    kind: custom ? 'custom' : 'daa',
    target:
      hub === undefined
        ? { idScope: idScope as string, endpoint: dps }
        : { hub, deviceId: deviceId ?? credential.commonName },
    trustRoots: trustRoots === undefined ? undefined : await trustedRoots(trustRoots),
    resolve: resolver(mappings),
    allowInternet,
    protocol,
    modelId,
    messages,
    stay,
    timeoutMs: timeout,
    sdkLog,
    quiet: json,
  };
}

/** PEM, as TLS takes it. */
async function trustedRoots(file: string): Promise<string> {
  const { format } = await readCertificates(file);
  if (format !== 'PEM') throw new SphereIotError('CERTIFICATE_NOT_PEM', `${file} is ${format}: give PEM.`);
  return readText(file);
}

function resolver(mappings: readonly Mapping[]): EndpointResolver {
  return (name, port) => {
    const mapping = mappings.find((each) => each.name === name.toLowerCase() && each.port === port);
    return mapping && { kind: 'tcp', host: mapping.toHost, port: mapping.toPort };
  };
}

function endpoint(text: string, before: readonly Mapping[] = []): readonly Mapping[] {
  const [, name, port, toHost, toPort] = /^([^:=]+):(\d+)=(.+):(\d+)$/.exec(text) ?? [];
  if (name === undefined || toHost === undefined || Number(port) > LAST_PORT || Number(toPort) > LAST_PORT)
    throw new InvalidArgumentError(
      'Give NAME:PORT=HOST:PORT, contoso.azure-devices.net:8883=127.0.0.1:18883 for example.',
    );
  const mapping = { name: name.toLowerCase(), port: Number(port), toHost: bare(toHost), toPort: Number(toPort) };
  return [...before, mapping];
}

/** An IPv6 address without its brackets. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
