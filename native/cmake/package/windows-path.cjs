// Paths as Windows reads them: with slashes or back-slashes, and in any letter case.
const { existsSync, readdirSync } = require('node:fs');
const path = require('node:path');

/** The names in a folder by their lower-case forms; empty where there is no such folder. */
const folders = new Map();

function namesIn(folder) {
  let names = folders.get(folder);
  if (names === undefined) {
    names = new Map();
    try {
      for (const name of readdirSync(folder).sort().reverse()) names.set(name.toLowerCase(), name);
    } catch {
      // No folder: nothing is in it.
    }
    folders.set(folder, names);
  }
  return names;
}

/**
 * Returns the absolute path of the file or folder that `spelled` means, seen from `base`; undefined if there is none.
 * What has exactly this name comes before what has it in another letter case.
 */
function findPath(base, spelled) {
  const wanted = path.resolve(base, spelled.replaceAll('\\', '/'));
  if (existsSync(wanted)) return wanted;
  let found = '/';
  for (const part of wanted.split('/').filter((each) => each !== '')) {
    const exact = path.join(found, part);
    const name = existsSync(exact) ? part : namesIn(found).get(part.toLowerCase());
    if (name === undefined) return undefined;
    found = path.join(found, name);
  }
  return found;
}

module.exports = { findPath };
