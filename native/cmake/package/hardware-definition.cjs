// Reads hardware definitions: makes their headers, and lists their peripherals.
const { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { parseJsonWithComments } = require('../../cjs/app/json-with-comments.js');
const { findPath } = require('./windows-path.cjs');

/** Returns the file of a definition: from `here`, by its path in one of the folders, or by its bare name in one of them. */
function findDefinition(spelled, here, folders) {
  const places = [...new Set(here === undefined ? folders : [here, ...folders])];
  const bare = spelled.split(/[\\/]/).at(-1);
  for (const name of bare === spelled ? [spelled] : [spelled, bare])
    for (const folder of places) {
      const file = findPath(folder, name);
      if (file !== undefined) return file;
    }
  const hint = 'Name the folder that has it with --hardware-definitions.';
  throw new Error(`The hardware definition ${spelled} is in none of: ${places.join(', ')}. ${hint}`);
}

/** What hw/NAME.h is called for NAME.json, which may have dots. */
function nameOf(file) {
  return path.basename(file).replace(/\.json$/i, '');
}

function parse(file) {
  try {
    const definition = parseJsonWithComments(readFileSync(file, 'utf8'));
    const { Imports: imports = [], Peripherals: peripherals = [] } = definition;
    return {
      file,
      imports: imports.map(({ Path: spelled }) => String(spelled)),
      peripherals: peripherals.map((peripheral) => readPeripheral(peripheral)),
    };
  } catch (error) {
    throw new Error(`The hardware definition ${file} can't be read: ${error.message}`, { cause: error });
  }
}

/** What a peripheral is called, what C has for it, and what the manifest has. */
function readPeripheral({
  Name: name,
  Type: type,
  Mapping: mapping,
  MainCoreHeaderValue: value,
  AppManifestValue: manifest,
}) {
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name))
    throw new Error(`"Name": ${JSON.stringify(name)} is no name in C`);
  const plain = mapping ?? value;
  if (typeof plain !== 'string' && typeof plain !== 'number')
    throw new Error(`${name} has neither a "Mapping" nor a "MainCoreHeaderValue"`);
  // In brackets as in soc/, so that an app may include both.
  const text = String(plain).trim();
  return {
    name,
    type: String(type),
    header: /^-?\d+$/.test(text) ? `(${text})` : text,
    manifest: String(manifest ?? text),
  };
}

/** Reads a definition and all that it imports, each file once: imports come before what imports them. */
function readWithImports(file, folders, read = new Map()) {
  if (read.has(file)) return read;
  const definition = parse(file);
  read.set(file, definition);
  definition.imports = definition.imports.map((spelled) => findDefinition(spelled, path.dirname(file), folders));
  for (const imported of definition.imports) readWithImports(imported, folders, read);
  return read;
}

function headerOf({ file, imports, peripherals }) {
  const guard = `HW_${nameOf(file).replace(/\W/g, '_').toUpperCase()}_H`;
  const includes = imports.map((imported) => `#include <${headerFile(imported)}>\n`);
  const defines = peripherals.map(({ name, header }) => `#define ${name} ${header}\n`);
  const parts = [includes.join(''), defines.join('')].filter((part) => part !== '');
  return `// Made from ${path.basename(file)}.\n#ifndef ${guard}\n#define ${guard}\n\n${parts.join('\n')}\n#endif\n`;
}

/** Where the header of a definition is, in a folder of the include path. */
function headerFile(file) {
  return `hw/${nameOf(file)}.h`;
}

function writeIfChanged(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** Whether a file of a folder is a hardware definition: other JSON may be beside it. */
function isDefinition(file) {
  try {
    return /hardware definition/i.test(parseJsonWithComments(readFileSync(file, 'utf8')).Metadata?.Type);
  } catch {
    return false;
  }
}

/** Returns the definitions in a folder, by name. */
function definitionsIn(folder) {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder} with hardware definitions.`);
  const names = readdirSync(folder).filter((name) => /\.json$/i.test(name));
  return names
    .sort()
    .map((name) => path.join(folder, name))
    .filter(isDefinition);
}

/**
 * Makes hw/NAME.h in `output` for each of the definitions and for what they import, except for those that have a header by hand
 * in a folder inc/hw beside them, or in one of the folders.
 * @returns the files that were read, the folders with headers in the order of the include path, and a line "name type value"
 * for each peripheral.
 */
function makeHeaders(files, folders, output) {
  const read = new Map();
  for (const file of files) readWithImports(file, folders, read);
  const beside = [...folders, ...[...read.keys()].map((file) => path.dirname(file))];
  const byHand = [...new Set(beside.map((folder) => path.join(folder, 'inc')))].filter((folder) => existsSync(folder));
  for (const definition of read.values()) {
    const header = headerFile(definition.file);
    if (!byHand.some((folder) => findPath(folder, header) !== undefined))
      writeIfChanged(path.join(output, header), headerOf(definition));
  }
  const peripherals = [...read.values()].flatMap((definition) => definition.peripherals);
  return {
    files: [...read.keys()],
    includes: [...byHand, output],
    peripherals: peripherals.map(({ name, type, manifest }) => `${name} ${type} ${manifest}`),
  };
}

/**
 * The same for all definitions in the first folder, of which an app may include any. One that is wrong, or imports what is nowhere,
 * is an error only for an app that includes its header.
 */
function makeAllHeaders(folders, output) {
  const wrong = [];
  const right = definitionsIn(folders[0]).filter((file) => {
    try {
      return readWithImports(file, folders).size > 0;
    } catch (error) {
      writeIfChanged(path.join(output, headerFile(file)), `#error ${error.message.replaceAll('\n', ' ')}\n`);
      wrong.push(file);
      return false;
    }
  });
  const made = makeHeaders(right, folders, output);
  return { ...made, files: [...made.files, ...wrong] };
}

module.exports = { definitionsIn, findDefinition, makeAllHeaders, makeHeaders };
