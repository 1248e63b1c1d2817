import type { X509Certificate } from 'node:crypto';
import { basename } from 'node:path';

import { Command } from 'commander';

import { realClock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { printable, printableLine } from '../printable.js';
import { collect, time } from './arguments.js';
import { drawChain, describeChain } from './certificate-tree.js';
import { judge, type Judgement } from './dps-judgement.js';
import { readCertificates } from './given-files.js';
import { examples } from './help.js';
import { paint, pairs, print, type CliIo, type CommonOptions } from './io.js';

/** `sphere-iot cert …` */
export function certCommand(io: CliIo): Command {
  return new Command('cert').description('look at certificates').addCommand(inspectCommand(io));
}

interface InspectOptions extends CommonOptions {
  readonly at?: number | undefined;
  readonly ca?: readonly string[] | undefined;
  readonly unverifiedCa?: readonly string[] | undefined;
}

function inspectCommand(io: CliIo): Command {
  return new Command('inspect')
    .description('what a certificate file is, its chain, its validity, and what DPS would say to it')
    .argument('<file>', 'PEM, DER or PKCS#7 (.pem, .crt, .cer, .p7b)')
    .option('--at <time>', 'judge its validity at this time, not now (ISO 8601)', time)
    .option('--ca <file>', 'a CA certificate that DPS has, verified; more than once for several', collect)
    .option('--unverified-ca <file>', 'one that is uploaded, but whose possession is not proved', collect)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples('cert inspect device-chain.pem', 'cert inspect device-chain.pem --ca CA.cer --at 2027-01-01')}

Exit code 1 when DPS would refuse it.`,
    )
    .action(async (file: string, options: InspectOptions) => {
      const now = options.at ?? realClock.now();
      const { format, certificates } = await readCertificates(file);
      const judgement = judge(certificates, now, {
        verified: await readAll(options.ca),
        unverified: await readAll(options.unverifiedCa),
      });
      const colour = (code: string, text: string): string => paint(io, io.stdout, code, text);
      const count = certificates.length === 1 ? 'one certificate' : `${certificates.length} certificates`;
      const text =
        `${printableLine(basename(file))}: ${format}, ${count}, at ${new Date(now).toISOString()}\n\n` +
        `${drawChain(certificates, now, colour)}\n${describeJudgement(judgement, colour)}`;
      print(io, options, {
        text,
        isPainted: true,
        json: { file, format, ...describeChain(certificates, now), dps: judgement },
      });
      if (judgement.verdict === 'refused')
        throw new SphereIotError('DPS_REFUSES', `DPS would refuse it: ${judgement.reason}.`);
    });
}

async function readAll(files: readonly string[] = []): Promise<X509Certificate[]> {
  const read = await Promise.all(files.map(readCertificates));
  return read.flatMap(({ certificates }) => certificates);
}

const VERDICTS: Readonly<Record<Judgement['verdict'], readonly [colour: string, text: string]>> = {
  accepted: ['32', 'accepts it'],
  refused: ['31', 'refuses it'],
  depends: ['33', 'would need to know more'],
  ca: ['36', 'can be told to trust it'],
};

function describeJudgement(
  { verdict, reason, registrationId, errorCode, message }: Judgement,
  paint: (code: string, text: string) => string,
): string {
  const [colour, text] = VERDICTS[verdict];
  const told = errorCode === undefined ? undefined : `${errorCode} ${message ?? ''}`;
  return (
    `DPS ${paint(colour, text)}\n` +
    pairs([
      ['Registration id', registrationId === undefined ? undefined : printableLine(registrationId)],
      ['Why', printable(reason)],
      ['Device is told', told === undefined ? undefined : printable(told)],
    ])
  );
}
