/** Where a place of the program comes from. */
export interface SourcePlace {
  /** As the compiler was given it, without the way to it. */
  readonly file: string;
  readonly line: number;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Reads a WebAssembly source map (one line, columns are byte offsets); undefined where it has nothing for an offset. */
export function placeAt(sourceMap: string, offset: number): SourcePlace | undefined {
  const { sources, mappings } = JSON.parse(sourceMap) as { sources: string[]; mappings: string };
  let [column, source, line] = [0, 0, 0];
  let found: SourcePlace | undefined;
  for (const segment of mappings.split(',')) {
    const [columns = 0, sourceStep, lineStep] = numbersOf(segment);
    column += columns;
    if (column > offset) break;
    if (sourceStep === undefined || lineStep === undefined) {
      found = undefined;
      continue;
    }
    source += sourceStep;
    line += lineStep;
    found = { file: (sources[source] ?? '').replace(/^(\.\.?\/)+/, ''), line: line + 1 };
  }
  return found;
}

/** Base64 VLQ: five bits a digit, the sixth says that there are more; the lowest bit of the number is its sign. */
function numbersOf(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 0 ? value >> 1 : -(value >> 1));
    [value, shift] = [0, 0];
  }
  return numbers;
}
