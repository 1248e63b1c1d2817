import type { Command } from 'commander';

import { loadCatalog, saveCatalog, type Catalog } from '../certificates/index.js';
import { realClock } from '../clock/index.js';
import { passphraseOf, PASSPHRASE_VARIABLE } from './arguments.js';
import type { CliIo } from './io.js';

/** The options that say which catalog is meant. */
export interface CatalogLocation {
  readonly dir: string;
  readonly passphraseFile?: string | undefined;
}

export interface OpenCatalog {
  readonly catalog: Catalog;
  readonly passphrase: string | undefined;
  /** Writes what changed back into the folder. */
  save(): Promise<void>;
}

/** Adds those options, and `--json`. */
export function withCatalog(command: Command): Command {
  return command
    .option('--dir <folder>', "the catalog's folder", 'catalog')
    .option('--passphrase-file <file>', `holds the passphrase of its keys (or set ${PASSPHRASE_VARIABLE})`)
    .option('--json', 'print JSON');
}

export async function openCatalog(io: CliIo, { dir, passphraseFile }: CatalogLocation): Promise<OpenCatalog> {
  const passphrase = await passphraseOf(io, passphraseFile);
  const catalog = await loadCatalog(dir, { clock: realClock, passphrase });
  return { catalog, passphrase, save: () => saveCatalog(catalog, dir, { passphrase }) };
}
