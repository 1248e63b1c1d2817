// Reads and writes archives of WebAssembly object files in GNU's format, with their index of symbols.
const { isDefinition, isWasm, readObject } = require('./wasm-object.cjs');

const MAGIC = '!<arch>\n';
const HEADER_SIZE = 60;

/** The members of an archive: `name` and `bytes` of each, in their order. */
function readArchive(archive) {
  const members = [];
  let longNames = '';
  for (const { name, bytes } of entries(archive)) {
    if (name === '//') longNames = bytes.toString();
    else if (name !== '/') members.push({ name: memberName(name, longNames), bytes });
  }
  return members;
}

/** The names that the index of an archive has: what its members define. */
function readIndex(archive) {
  const index = [...firstEntry(archive)].find(({ name }) => name === '/');
  if (index === undefined) return [];
  const count = index.bytes.readUInt32BE(0);
  return index.bytes
    .toString('utf8', 4 + 4 * count)
    .split('\0')
    .slice(0, count);
}

function* firstEntry(archive) {
  for (const entry of entries(archive)) return yield entry;
}

function* entries(archive) {
  for (let at = MAGIC.length; at + HEADER_SIZE <= archive.length;) {
    const name = archive.toString('latin1', at, at + 16).trimEnd();
    const size = Number(archive.toString('latin1', at + 48, at + 58));
    const start = at + HEADER_SIZE;
    yield { name, bytes: archive.subarray(start, start + size) };
    at = start + size + (size % 2);
  }
}

function memberName(name, longNames) {
  if (!/^\/\d+$/.test(name)) return name.replace(/\/$/, '');
  const start = Number(name.slice(1));
  return longNames.slice(start, longNames.indexOf('/\n', start));
}

/** The bytes of an archive with these members. */
function writeArchive(members) {
  const names = members.map(({ name }) => `${name}/\n`);
  const longNames = entry('//', Buffer.from(names.join('')));
  const symbols = members.map(({ bytes }) => definitionsIn(bytes));
  const count = symbols.flat().length;
  const text = Buffer.from(
    symbols
      .flat()
      .map((name) => `${name}\0`)
      .join(''),
  );
  const indexSize = 4 + 4 * count + text.length;
  const starts = [];
  const parts = [];
  let at = MAGIC.length + HEADER_SIZE + indexSize + (indexSize % 2) + longNames.length;
  let nameAt = 0;
  members.forEach(({ bytes }, i) => {
    starts.push(...symbols[i].map(() => at));
    const part = entry(`/${nameAt}`, bytes);
    nameAt += Buffer.byteLength(names[i]);
    parts.push(part);
    at += part.length;
  });
  const index = Buffer.alloc(4 + 4 * count);
  index.writeUInt32BE(count);
  starts.forEach((start, i) => index.writeUInt32BE(start, 4 + 4 * i));
  return Buffer.concat([Buffer.from(MAGIC), entry('/', Buffer.concat([index, text])), longNames, ...parts]);
}

function entry(name, bytes) {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(header), bytes, Buffer.from(bytes.length % 2 === 0 ? '' : '\n')]);
}

function definitionsIn(bytes) {
  if (!isWasm(bytes)) return [];
  return readObject(bytes)
    .symbols.filter(isDefinition)
    .map(({ name }) => name);
}

module.exports = { definitionsIn, readArchive, readIndex, writeArchive };
