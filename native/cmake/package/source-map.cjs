// Source maps of WebAssembly modules: one line, whose columns are offsets in the module.

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

/** The map of a module whose bytes have moved: [old, new] offsets, in order; from each on, bytes are as far apart as they were. */
function movedMap(map, moves) {
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
  return { ...map, mappings: mappings.join(',') };
}

module.exports = { movedMap };
