import { isUtf8 } from 'node:buffer';

import { InvalidArgumentError } from 'commander';

import { isBlank } from '../certificates/key-file.js';
import { SphereIotError } from '../errors.js';
import { readBytes } from './given-files.js';
import type { CliIo } from './io.js';

// What options and arguments are made of. A parser throws commander's InvalidArgumentError, which names the option.

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A thousand years: times that are reckoned with it are still dates. */
const MAX_DAYS = 365_000;

/** `24h`, `90s`, `730d`, `500ms`, `5m`; in ms. */
export function duration(text: string): number {
  return durationUpTo(text, MAX_DAYS);
}

/** The same, and more than none. */
export function someDuration(text: string): number {
  const ms = duration(text);
  if (ms === 0) throw new InvalidArgumentError('Give more than 0.');
  return ms;
}

/** A duration, in ms, of so many days at most. */
export function durationUpTo(text: string, days: number): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined)
    throw new InvalidArgumentError('Give a number with ms, s, m, h or d: 24h, for example.');
  const ms = Number(digits) * (UNITS[unit] as number);
  if (ms > days * 86_400_000) throw new InvalidArgumentError(`Give ${days}d at most.`);
  return ms;
}

/** A time of ISO 8601, as clock ms. */
export function time(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Give a time as 2026-06-01T12:00:00Z.');
  return ms;
}

/** A file's name with the ending that az sphere asks for. */
export function fileEnding(ending: string): (name: string) => string {
  return (name) => {
    if (!name.toLowerCase().endsWith(ending)) throw new InvalidArgumentError(`Its name has to end with ${ending}.`);
    return name;
  };
}

/** For an option that can be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** `NAME=VALUE`, for an option that can be given more than once. */
export function cmakeOption(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([^\s=]+)=([^]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('Give NAME=VALUE: BOARD=rev2, for example.');
  return { ...before, [name]: value };
}

/** Never on the command line itself, which others on the machine can read. */
export const PASSPHRASE_VARIABLE = 'SPHERE_IOT_PASSPHRASE';

/** Bytes: more than any passphrase has. */
const MAX_PASSPHRASE_FILE_BYTES = 64 * 1024;

/**
 * The passphrase from its file, or from the environment, without the line's end; undefined where there is none.
 * @throws SphereIotError `KEY_PASSPHRASE_EMPTY`, as where a CI's secret is not set; `KEY_PASSPHRASE_NOT_UNICODE`; what readBytes throws.
 */
export async function passphraseOf(io: CliIo, file: string | undefined): Promise<string | undefined> {
  const given = file === undefined ? fromEnvironment(io) : await fromFile(file);
  const passphrase = given?.replace(/\r?\n$/, '');
  if (passphrase === undefined || !isBlank(passphrase)) return passphrase;
  const [what, otherwise] =
    file === undefined
      ? [`${PASSPHRASE_VARIABLE} is set, but empty or blank`, 'unset it']
      : [`The passphrase in ${file} is empty or blank`, 'leave the option out'];
  throw new SphereIotError(
    'KEY_PASSPHRASE_EMPTY',
    `${what}: give a passphrase, or ${otherwise} for keys that are not encrypted.`,
  );
}

/** Node puts U+FFFD for bytes that are no UTF-8, so that different passphrases become one. */
function fromEnvironment({ env }: CliIo): string | undefined {
  const passphrase = env[PASSPHRASE_VARIABLE];
  if (passphrase?.includes('\ufffd') === true) throw notUnicode(`The passphrase in ${PASSPHRASE_VARIABLE}`);
  return passphrase;
}

async function fromFile(file: string): Promise<string> {
  const bytes = await readBytes(file, MAX_PASSPHRASE_FILE_BYTES);
  if (!isUtf8(bytes)) throw notUnicode(`The passphrase in ${file}`);
  return bytes.toString();
}

function notUnicode(what: string): SphereIotError {
  return new SphereIotError(
    'KEY_PASSPHRASE_NOT_UNICODE',
    `${what} is not UTF-8: save it in UTF-8, and of random bytes take their base64: head -c 32 /dev/urandom | base64 > FILE`,
  );
}
