// Generated TypeScript that is in the repository, so that a person with Node alone can read and check it: whether it is what the headers
// say, and writing it.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail } from './terminal.mjs';

/**
 * A folder of generated files.
 * @typedef {object} GeneratedFolder
 * @property {string} folder Where it is in the project.
 * @property {string} source What it is generated from, for messages.
 * @property {Record<string, string>} files File name to text.
 */

/**
 * Ends this process where a folder is not what it should be.
 * @param {GeneratedFolder[]} folders
 * @param {string} root The project's folder.
 */
export function checkGenerated(folders, root) {
  const told = folders
    .map(({ folder, source, files }) => ({ folder, source, stale: staleIn(path.join(root, folder), files) }))
    .filter(({ stale }) => stale.length > 0)
    .map(({ folder, source, stale }) => `${folder} does not fit ${source}: ${stale.join(', ')}.`);
  if (told.length === 0) return;
  fail(told.join('\n       '), 'Type `npm run abi`, which writes it, and commit the outcome.');
}

/**
 * Writes the folders; nothing else stays in them.
 * @param {GeneratedFolder[]} folders
 * @param {string} root The project's folder.
 */
export function writeGenerated(folders, root) {
  for (const { folder, files } of folders) {
    const target = path.join(root, folder);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(target, name), text);
  }
}

/** The names of files that are missing, different or too many. */
function staleIn(folder, files) {
  const names = new Set([...Object.keys(files), ...namesIn(folder)]);
  return [...names].filter((name) => contentOf(path.join(folder, name)) !== files[name]);
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there yet
  }
}

function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
