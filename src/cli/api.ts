// `sphere-iot api`: the API surface of headers as data, and what changed between two of them.
import { readFile } from 'node:fs/promises';
import { SphereIotError, messageOf } from '../errors.js';
import {
  diffApi,
  formatApiDiff,
  formatApiSnapshot,
  parseApiSnapshot,
  snapshotApi,
  type ApiDiffFormat,
  type ApiSnapshot,
} from '../regression/index.js';

/** What a command prints on standard output, and its exit code. */
export interface ApiCommandResult {
  readonly output: string;
  readonly exitCode: number;
}

/** Exit codes of `sphere-iot api diff`. 1 and 2 are left to errors and to wrong usage. */
const exitCodes = { none: 0, compatible: 0, 'source-breaking': 3, 'abi-breaking': 4 } as const;

/**
 * `sphere-iot api snapshot [--sdk FOLDER]`
 * @param options.sdk Another SDK, read by emcc; without it, the one that is built in.
 * @throws SphereIotError as `snapshotApi` does.
 */
export async function apiSnapshot({ sdk }: { readonly sdk?: string } = {}): Promise<ApiCommandResult> {
  const snapshot = await (sdk === undefined ? snapshotApi() : snapshotApi({ sdk }));
  return { output: formatApiSnapshot(snapshot), exitCode: 0 };
}

/**
 * `sphere-iot api diff OLD NEW [--format text|json|junit]`
 * @param before File that `api snapshot` wrote.
 * @param after The same, of later.
 * @throws SphereIotError `API_FILE_UNREADABLE`, `API_FORMAT_UNKNOWN`, `API_SNAPSHOT_INVALID`, `API_SNAPSHOT_TOO_NEW`.
 */
export async function apiDiff(
  before: string,
  after: string,
  { format = 'text' }: { readonly format?: string } = {},
): Promise<ApiCommandResult> {
  if (!isFormat(format))
    throw new SphereIotError('API_FORMAT_UNKNOWN', `There is no format "${format}": say text, json or junit.`);
  const diff = diffApi(await readSnapshot(before), await readSnapshot(after));
  return { output: formatApiDiff(diff, format), exitCode: exitCodes[diff.grade] };
}

function isFormat(format: string): format is ApiDiffFormat {
  return ['text', 'json', 'junit'].includes(format);
}

async function readSnapshot(file: string): Promise<ApiSnapshot> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new SphereIotError('API_FILE_UNREADABLE', `${file} can't be read: ${messageOf(error)}.`, { cause: error });
  });
  return parseApiSnapshot(text, file);
}
