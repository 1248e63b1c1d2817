import { Command, Option } from 'commander';

import {
  caCertificateFile,
  caChainFile,
  Catalog,
  describeCertificate,
  proofOfPossessionFile,
  saveCatalog,
  type CertificateAuthority,
} from '../certificates/index.js';
import { realClock } from '../clock/index.js';
import { fileEnding, duration, passphraseOf } from './arguments.js';
import { openCatalog, withCatalog, type CatalogLocation } from './catalog-location.js';
import { writeOutput } from './given-files.js';
import { examples } from './help.js';
import { pairs, print, type CliIo, type CommonOptions, type Report } from './io.js';

type Options = CatalogLocation & CommonOptions;
interface DownloadOptions extends Options {
  readonly outputFile: string;
}

/** `sphere-iot catalog …`: what `az sphere catalog` and `az sphere ca-certificate` do. */
export function catalogCommand(io: CliIo): Command {
  return new Command('catalog')
    .description('make and read catalogs, and get what services need to trust them')
    .addCommand(createCommand(io))
    .addCommand(showCommand(io))
    .addCommand(downloadCommand(io))
    .addCommand(downloadChainCommand(io))
    .addCommand(downloadProofCommand(io))
    .addCommand(rollCommand(io));
}

interface CreateOptions extends Options {
  readonly id?: string | undefined;
  readonly leafValidity?: number | undefined;
  readonly caValidity?: number | undefined;
  readonly deviceIdCase?: 'lower' | 'upper' | undefined;
}

function createCommand(io: CliIo): Command {
  return withCatalog(new Command('create'))
    .description('make a catalog with new certificates, in a folder of its own')
    .option('--id <guid>', 'its id (default: a random one)')
    .option('--leaf-validity <duration>', 'of DAA certificates (default: 24h)', duration)
    .option('--ca-validity <duration>', "of the catalog's CA certificate (default: 730d)", duration)
    .addOption(
      new Option('--device-id-case <case>', 'how device ids are written (default: lower)').choices(['lower', 'upper']),
    )
    .addHelpText('after', examples('catalog create --dir my-catalog', 'catalog create --passphrase-file secret.txt'))
    .action(async (options: CreateOptions) => {
      const { id, leafValidity: leafValidityMs, caValidity: caValidityMs, deviceIdCase } = options;
      const passphrase = await passphraseOf(io, options.passphraseFile);
      const catalog = await Catalog.create({ clock: realClock, id, leafValidityMs, caValidityMs, deviceIdCase });
      await saveCatalog(catalog, options.dir, { passphrase });
      print(io, options, describe(catalog, options.dir));
    });
}

function showCommand(io: CliIo): Command {
  return withCatalog(new Command('show'))
    .description('show a catalog: id, CA certificates, how many devices')
    .addHelpText('after', examples('catalog show --dir my-catalog', 'catalog show --json'))
    .action(async (options: Options) => {
      const { catalog } = await openCatalog(io, options);
      print(io, options, describe(catalog, options.dir));
    });
}

function downloadCommand(io: CliIo): Command {
  return download(io, 'download', '.cer', "write the catalog's CA certificate (X.509, DER)", caCertificateFile);
}

function downloadChainCommand(io: CliIo): Command {
  const what = 'write the certificates from the CA to the root (PKCS#7, DER)';
  return download(io, 'download-chain', '.p7b', what, caChainFile);
}

function downloadProofCommand(io: CliIo): Command {
  const what = 'write the proof of possession for a verification code of DPS, IoT Hub or Central (X.509, DER)';
  return download<{ readonly verificationCode: string }>(
    io,
    'download-proof',
    '.cer',
    what,
    (catalog, { verificationCode }) => proofOfPossessionFile(catalog, verificationCode),
    '--verification-code 2A5F1C…',
  ).requiredOption('--verification-code <code>', 'as the service gave it');
}

function download<T>(
  io: CliIo,
  name: string,
  ending: string,
  what: string,
  content: (catalog: Catalog, options: T) => Buffer | Promise<Buffer>,
  example = '',
): Command {
  return withCatalog(new Command(name))
    .description(what)
    .requiredOption('-o, --output-file <file>', `where to; ends with ${ending}`, fileEnding(ending))
    .addHelpText('after', examples(`catalog ${name} ${example}${example && ' '}--output-file my${ending}`))
    .action(async (options: DownloadOptions & T) => {
      const { catalog } = await openCatalog(io, options);
      const { outputFile } = options;
      await writeOutput(outputFile, await content(catalog, options));
      print(io, options, { text: `Written: ${outputFile}\n`, json: { outputFile } });
    });
}

function rollCommand(io: CliIo): Command {
  return withCatalog(new Command('roll'))
    .description('give the catalog a new CA certificate, as happens every two years')
    .addHelpText('after', `${examples('catalog roll')}\nServices have to trust the new one: download it and its proof.`)
    .action(async (options: Options) => {
      const { catalog, save } = await openCatalog(io, options);
      await catalog.rollAuthority();
      await save();
      print(io, options, describe(catalog, options.dir));
    });
}

function describe(catalog: Catalog, folder: string): Report {
  const now = realClock.now();
  const authorities = catalog.authorities.map((authority, index) => ({
    index: index + 1,
    status: authority === catalog.authority ? 'active' : 'replaced',
    ...describeCertificate(authority.certificate, now),
  }));
  const { id, devices } = catalog;
  const { leafValidityMs = 86_400_000 } = catalog.policy;
  const text =
    `Catalog ${id}\n` +
    pairs([
      ['Folder', folder],
      ['Devices', String(devices.length)],
      ['DAA certificates', `valid for ${leafValidityMs / 3_600_000} hours`],
    ]) +
    catalog.authorities.map((authority, index) => describeAuthority(catalog, authority, index, now)).join('');
  return { text, json: { id, folder, devices: devices.length, leafValidityMs, authorities } };
}

function describeAuthority(catalog: Catalog, authority: CertificateAuthority, index: number, now: number): string {
  const { subject, thumbprints, key, validFrom, validUntil, validity } = describeCertificate(
    authority.certificate,
    now,
  );
  return (
    `CA certificate ${index + 1}, ${authority === catalog.authority ? 'active' : 'replaced'}\n` +
    pairs([
      ['Subject', subject],
      ['Key', key],
      ['SHA-1', thumbprints.sha1],
      ['Valid', `${validFrom} to ${validUntil}${validity === 'valid' ? '' : ` (${validity})`}`],
    ])
  );
}
