import { Command, Option } from 'commander';

import { describeCertificate, type AttestationRefusal, type ClaimedDevice } from '../certificates/index.js';
import { realClock } from '../clock/index.js';
import { openCatalog, withCatalog, type CatalogLocation } from './catalog-location.js';
import { connectCommand } from './connect-command.js';
import { attest, daaFolder, keptDaa } from './device-credential.js';
import { examples } from './help.js';
import { pairs, print, type CliIo, type CommonOptions, type Report } from './io.js';

type Options = CatalogLocation & CommonOptions;

/** `sphere-iot device …`: what `az sphere device` does, and what the device does itself. */
export function deviceCommand(io: CliIo): Command {
  return new Command('device')
    .description('claim and attest devices, and let one connect')
    .addCommand(claimCommand(io))
    .addCommand(attestCommand(io))
    .addCommand(refuseCommand(io))
    .addCommand(showCommand(io))
    .addCommand(listCommand(io))
    .addCommand(connectCommand(io));
}

function claimCommand(io: CliIo): Command {
  return withCatalog(new Command('claim'))
    .description('claim a device for the catalog')
    .argument('[device-id]', '128 hex digits (default: random ones)')
    .addHelpText('after', examples('device claim', 'device claim 0123… --dir my-catalog'))
    .action(async (deviceId: string | undefined, options: Options) => {
      const { catalog, save } = await openCatalog(io, options);
      const id = catalog.claim(deviceId);
      await save();
      print(io, options, { text: `${id}\n`, json: { deviceId: id, catalogId: catalog.id } });
    });
}

function attestCommand(io: CliIo): Command {
  return withCatalog(new Command('attest'))
    .description('attest a device: a new DAA certificate and key, kept in the catalog’s folder')
    .argument('<device-id>', 'of a claimed device')
    .addHelpText('after', examples('device attest 0123… --dir my-catalog'))
    .action(async (deviceId: string, options: Options) => {
      const { catalog, passphrase } = await openCatalog(io, options);
      await attest(catalog, options.dir, deviceId, passphrase);
      print(io, options, await describe(catalog.device(deviceId), options.dir, passphrase));
    });
}

interface RefuseOptions extends Options {
  readonly reason: keyof typeof REFUSALS | 'none';
}

const REFUSALS = { 'not-attested': 'notAttested', 'os-too-old': 'osTooOld' } as const;

function refuseCommand(io: CliIo): Command {
  return withCatalog(new Command('refuse'))
    .description('let a device get no further DAA certificate, or take that back')
    .argument('<device-id>', 'of a claimed device')
    .addOption(
      new Option('--reason <reason>', 'why; none takes it back')
        .choices([...Object.keys(REFUSALS), 'none'])
        .default('not-attested'),
    )
    .addHelpText('after', examples('device refuse 0123… --reason os-too-old', 'device refuse 0123… --reason none'))
    .action(async (deviceId: string, options: RefuseOptions) => {
      const { catalog, save, passphrase } = await openCatalog(io, options);
      if (options.reason === 'none') catalog.acceptAttestation(deviceId);
      else catalog.refuseAttestation(deviceId, REFUSALS[options.reason]);
      await save();
      print(io, options, await describe(catalog.device(deviceId), options.dir, passphrase));
    });
}

function showCommand(io: CliIo): Command {
  return withCatalog(new Command('show'))
    .description('show a device: whether it is attested, and its DAA certificate')
    .argument('<device-id>', 'of a claimed device')
    .addHelpText('after', examples('device show 0123… --dir my-catalog'))
    .action(async (deviceId: string, options: Options) => {
      const { catalog, passphrase } = await openCatalog(io, options);
      print(io, options, await describe(catalog.device(deviceId), options.dir, passphrase));
    });
}

function listCommand(io: CliIo): Command {
  return withCatalog(new Command('list'))
    .description('list the claimed devices')
    .addHelpText('after', examples('device list', 'device list --json'))
    .action(async (options: Options) => {
      const { catalog } = await openCatalog(io, options);
      const devices = catalog.claimedDevices.map(summary);
      const text = devices.map(({ deviceId, attestation }) => `${deviceId}  ${attestation}\n`).join('');
      print(io, options, { text: text || 'No device is claimed.\n', json: devices });
    });
}

async function describe(device: ClaimedDevice, dir: string, passphrase: string | undefined): Promise<Report> {
  const { deviceId, claimedAt, attestation } = summary(device);
  const daa = await keptDaa(dir, device.id, passphrase);
  const certificate = daa && describeCertificate(daa.leaf, realClock.now());
  const folder = daaFolder(dir, device.id);
  const text =
    `Device ${deviceId}\n` +
    pairs([
      ['Claimed', claimedAt],
      ['Attestation', attestation],
      ['DAA certificate', certificate === undefined ? 'none that is valid' : `until ${certificate.validUntil}`],
      ['Kept in', daa && folder],
      ['SHA-1', certificate?.thumbprints.sha1],
    ]);
  return { text, json: { deviceId, claimedAt, attestation, daa: certificate && { folder, ...certificate } } };
}

interface Summary {
  readonly deviceId: string;
  /** ISO 8601. */
  readonly claimedAt: string;
  readonly attestation: 'accepted' | AttestationRefusal;
}

function summary({ id, claimedAt, refusal }: ClaimedDevice): Summary {
  return { deviceId: id, claimedAt: new Date(claimedAt).toISOString(), attestation: refusal ?? 'accepted' };
}
