// node find-includes.cjs FOLDER SYSTEM-FOLDER...
// Follows the includes of an app's sources. Where a header is not there as it is spelt, but is there as Windows reads it, FOLDER's
// overlay.json makes it appear: clang finds a forwarding header in its place, which includes the right one. What resolves as it is
// spelt is left alone. FOLDER/targets/*.txt say for each target where it is, its sources, and its include path.
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { findPath } = require('./windows-path.cjs');

const INCLUDE = /^[ \t]*#[ \t]*include(?:_next)?[ \t]*(?:"([^"\r\n]+)"|<([^>\r\n]+)>)/gm;

/** What the overlay has to show, by the path at which clang looks: the headers that are meant. */
function findIncludes(target, systemFolders) {
  const shown = new Map();
  const read = new Set();
  const files = target.sources.map((source) => findPath(target.folder, source)).filter((file) => file !== undefined);
  while (files.length > 0) {
    const file = files.pop();
    if (read.has(file)) continue;
    read.add(file);
    for (const [, quoted, angled] of readText(file).matchAll(INCLUDE)) {
      const folders = quoted === undefined ? target.includes : [path.dirname(file), ...target.includes];
      const spelled = quoted ?? angled;
      const there = existing(folders, spelled) ?? existing(systemFolders, spelled);
      const header = there ?? meant(folders, spelled, shown);
      if (header !== undefined && !systemFolders.some((folder) => header.startsWith(`${folder}/`))) files.push(header);
    }
  }
  return shown;
}

function existing(folders, spelled) {
  return folders.map((folder) => path.join(folder, spelled)).find((file) => existsSync(file));
}

function meant(folders, spelled, shown) {
  for (const folder of folders) {
    const header = findPath(folder, spelled);
    if (header === undefined) continue;
    shown.set(path.join(folder, spelled), header);
    return header;
  }
  return undefined;
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // A folder, or a source that is made later.
  }
}

/** Writes the forwarding headers, and the overlay that shows them. */
function writeOverlay(folder, shown) {
  const forwarders = path.join(folder, 'forwarders');
  mkdirSync(forwarders, { recursive: true });
  const roots = new Map();
  for (const [place, header] of [...shown].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const forwarder = path.join(forwarders, `${createHash('sha1').update(header).digest('hex')}.h`);
    writeIfChanged(forwarder, `#include "${header}"\n`);
    const within = path.dirname(place);
    // With "./" before it, clang takes a back-slash for a part of the name.
    const entry = { type: 'file', name: `./${path.basename(place)}`, 'external-contents': forwarder };
    roots.set(within, [...(roots.get(within) ?? []), entry]);
  }
  const contents = [...roots].map(([name, entries]) => ({ type: 'directory', name, contents: entries }));
  writeIfChanged(
    path.join(folder, 'overlay.json'),
    `${JSON.stringify({ version: 0, roots: contents }, undefined, 1)}\n`,
  );
}

function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

function readTarget(file) {
  const [folder, sources, includes] = readFileSync(file, 'utf8').split('\n');
  const list = (text) => [...new Set(text.split(';'))].filter((each) => each !== '');
  return { folder, sources: list(sources), includes: list(includes).map((each) => path.resolve(folder, each)) };
}

const [folder, ...systemFolders] = process.argv.slice(2);
const targets = path.join(folder, 'targets');
const shown = new Map();
for (const name of existsSync(targets) ? readdirSync(targets) : [])
  for (const [place, header] of findIncludes(readTarget(path.join(targets, name)), systemFolders))
    shown.set(place, header);
writeOverlay(folder, shown);
