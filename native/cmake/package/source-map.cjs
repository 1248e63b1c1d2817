// Source maps of WebAssembly modules: one line, whose columns are offsets in the module.

const path = require('node:path');

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function columnOf(segment) {
  let value = 0;
  let length = 0;
  for (let more = true; more; length++) {
    const bits = DIGITS.indexOf(segment[length]);
    value += (bits & 31) << (5 * length);
    more = (bits & 32) !== 0;
  }
  return { step: (value & 1) === 0 ? value >> 1 : -(value >> 1), rest: segment.slice(length) };
}

function column(step) {
  let text = '';
  let value = step < 0 ? (-step << 1) | 1 : step << 1;
  do {
    text += DIGITS[(value & 31) | (value > 31 ? 32 : 0)];
    value >>= 5;
  } while (value > 0);
  return text;
}

/** A file's name as seen from the folder of the map, in which emcc's tools write bytes beyond ASCII as octal numbers behind slashes. */
function plainName(name, folder) {
  const plain = name.replace(/(?:\/[23][0-7]{2})+/g, (escaped) => {
    const bytes = Buffer.from(
      escaped
        .slice(1)
        .split('/')
        .map((octal) => parseInt(octal, 8)),
    );
    const text = bytes.toString('utf8');
    return text.includes('\ufffd') ? escaped : text;
  });
  return plain === name ? name : path.relative(folder, path.resolve(folder, plain));
}

/** The map of a module whose bytes have moved: [old, new] offsets, in order; from each on, bytes are as far apart as they were. */
function movedMap(map, moves, folder) {
  let [from, to, next] = [0, 0, 0];
  const mappings = map.mappings.split(',').map((segment) => {
    const { step, rest } = columnOf(segment);
    from += step;
    while (next < moves.length && moves[next][0] <= from) next++;
    const [old, now] = moves[next - 1] ?? [0, 0];
    const moved = now + from - old;
    const result = column(moved - to) + rest;
    to = moved;
    return result;
  });
  return { ...map, sources: map.sources.map((name) => plainName(name, folder)), mappings: mappings.join(',') };
}

module.exports = { movedMap };
