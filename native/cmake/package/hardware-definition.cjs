// Reads hardware definitions: makes their headers, and lists their peripherals.
const { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { parseJsonWithComments } = require('../../cjs/app/json-with-comments.js');
const { messageOf } = require('../../cjs/errors.js');
const { readFileWithinSync } = require('../../cjs/read-file.js');
const { findPath } = require('./windows-path.cjs');

/** Bytes of a definition, and definitions that one may import: those of large boards have some kilobytes, and import three. */
const MAX_BYTES = 1024 * 1024;
const MAX_DEFINITIONS = 1000;

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

/** Whether a text would be more than one line, or part of one, in a header or in what cmake reads. */
function isPlain(text) {
  return !/[\p{Cc}\u2028\u2029]/u.test(text);
}

/** Whether cmake and C take a text as it is: not as a list, a variable, the end of a line or a comment. */
function isPlainValue(text) {
  return isPlain(text) && !/[;$[\]"\\]|\/[*]/.test(text);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonIn(file) {
  return parseJsonWithComments(readFileWithinSync(file, MAX_BYTES, { links: true }).toString());
}

/** Throws an Error that names the file. */
function parse(file) {
  try {
    if (!isPlain(file)) throw new Error('its path has control characters');
    const definition = jsonIn(file);
    if (!isObject(definition)) throw new Error('it is no object');
    return {
      file,
      imports: objectsIn(definition, 'Imports').map(readImport),
      peripherals: objectsIn(definition, 'Peripherals').map(readPeripheral),
    };
  } catch (error) {
    throw new Error(`The hardware definition ${file} can't be read: ${messageOf(error)}`, { cause: error });
  }
}

/** A field that is a list of objects; it may be missing. */
function objectsIn(definition, field) {
  const { [field]: list = [] } = definition;
  if (!Array.isArray(list) || !list.every(isObject)) throw new Error(`"${field}" is no list of objects`);
  return list;
}

function readImport({ Path: spelled }) {
  if (typeof spelled !== 'string' || spelled.trim() === '' || !isPlain(spelled))
    throw new Error(`"Imports": "Path": ${JSON.stringify(spelled)} is no name of a file`);
  return spelled;
}

/** What a peripheral is called, what C has for it, and what the manifest has. */
function readPeripheral(peripheral) {
  const { Name: name, Type: type = 'Unknown', Mapping: mapping, MainCoreHeaderValue: value } = peripheral;
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name))
    throw new Error(`"Name": ${JSON.stringify(name)} is no name in C`);
  if (typeof type !== 'string' || !/^[\w.-]+$/.test(type))
    throw new Error(`${name}: "Type": ${JSON.stringify(type)} is no type of a peripheral`);
  if ((mapping ?? value ?? undefined) === undefined)
    throw new Error(`${name} has neither a "Mapping" nor a "MainCoreHeaderValue"`);
  // In brackets as in soc/, so that an app may include both.
  const text = valueIn(peripheral, mapping === undefined || mapping === null ? 'MainCoreHeaderValue' : 'Mapping');
  const { AppManifestValue: manifest } = peripheral;
  return {
    name,
    type,
    header: /^-?\d+$/.test(text) ? `(${text})` : text,
    manifest: manifest === undefined || manifest === null ? text : valueIn(peripheral, 'AppManifestValue'),
  };
}

/** A text or a number, as text. */
function valueIn(peripheral, field) {
  const value = peripheral[field];
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string')
    throw new Error(`${peripheral.Name}: "${field}": ${JSON.stringify(value)} is no text and no number`);
  if (isPlainValue(text.trim())) return text.trim();
  throw new Error(
    `${peripheral.Name}: "${field}": ${JSON.stringify(value)} has a control character, or one of ; $ [ ] " \\ /*, and can't be a value`,
  );
}

/** Definitions that were read, each once: what is wrong with a file is thrown each time. */
class Definitions {
  #folders;
  #read = new Map();

  constructor(folders) {
    this.#folders = folders;
  }

  /** A definition with all that it imports, by their files: what imports comes before what it imports. */
  walk(file) {
    const walked = new Map();
    const open = [file];
    while (open.length > 0) {
      const at = open.pop();
      if (walked.has(at)) continue;
      if (walked.size >= MAX_DEFINITIONS)
        throw new Error(`The hardware definition ${file} imports more than ${MAX_DEFINITIONS} others.`);
      const definition = this.#definition(at);
      walked.set(at, definition);
      open.push(...definition.imports.toReversed());
    }
    return walked;
  }

  #definition(file) {
    let read = this.#read.get(file);
    if (read === undefined) {
      try {
        read = { definition: this.#parse(file) };
      } catch (error) {
        read = { error };
      }
      this.#read.set(file, read);
    }
    if (read.error !== undefined) throw read.error;
    return read.definition;
  }

  #parse(file) {
    const definition = parse(file);
    const here = path.dirname(file);
    const imports = [...new Set(definition.imports)].map((spelled) => findDefinition(spelled, here, this.#folders));
    return { ...definition, imports };
  }
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
    return /hardware definition/i.test(jsonIn(file).Metadata?.Type);
  } catch {
    return false;
  }
}

/** Returns the definitions in a folder, by name. */
function definitionsIn(folder) {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder} with hardware definitions.`);
  const names = readdirSync(folder).filter((name) => /\.json$/i.test(name));
  const files = names
    .sort()
    .map((name) => path.join(folder, name))
    .filter(isDefinition);
  const odd = files.find((file) => !isPlain(file));
  if (odd !== undefined)
    throw new Error(`The path of the hardware definition ${JSON.stringify(odd)} has control characters.`);
  return files;
}

/**
 * Makes hw/NAME.h in `output` for each of the definitions and for what they import, except for those that have a header by hand
 * in a folder inc/hw beside them, or in one of the folders.
 * @returns the files that were read, the folders with headers in the order of the include path, and a line "name type value"
 * for each peripheral.
 */
function makeHeaders(files, folders, output, definitions = new Definitions(folders)) {
  const read = new Map();
  for (const file of files) for (const [each, definition] of definitions.walk(file)) read.set(each, definition);
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
  const definitions = new Definitions(folders);
  const wrong = [];
  const right = definitionsIn(folders[0]).filter((file) => {
    try {
      return definitions.walk(file).size > 0;
    } catch (error) {
      writeIfChanged(path.join(output, headerFile(file)), `#error ${error.message.replaceAll(/\p{Cc}/gu, ' ')}\n`);
      wrong.push(file);
      return false;
    }
  });
  const made = makeHeaders(right, folders, output, definitions);
  return { ...made, files: [...made.files, ...wrong] };
}

module.exports = { definitionsIn, findDefinition, makeAllHeaders, makeHeaders };
