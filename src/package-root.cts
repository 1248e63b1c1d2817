import * as path from 'node:path';

/**
 * The folder of the package; undefined in a bundle, which has none of its files. This file is in src/, dist/cjs/ or dist/esm/ of it,
 * and a CommonJS module in all three: `__dirname` works in each, which an ES module does not have, and `import.meta` is no syntax
 * in the others.
 */
export const packageRoot: string | undefined = typeof __dirname === 'undefined' ? undefined : rootOf(__dirname);

function rootOf(folder: string): string | undefined {
  const above = path.dirname(folder);
  if (path.basename(folder) === 'src') return above;
  return path.basename(above) === 'dist' ? path.dirname(above) : undefined;
}
