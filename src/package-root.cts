import * as path from 'node:path';

/**
 * The folder of the package. This file is in src/, dist/cjs/ or dist/esm/ of it, and a CommonJS module in all three:
 * `__dirname` works in each, which an ES module does not have, and `import.meta` is no syntax in the others.
 */
export const packageRoot: string =
  path.basename(__dirname) === 'src' ? path.dirname(__dirname) : path.dirname(path.dirname(__dirname));
