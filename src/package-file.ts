import path from 'node:path';

import { SphereIotError } from './errors.js';
import { packageRoot } from './package-root.cjs';

/**
 * The path of a file of the package.
 * @throws SphereIotError `PACKAGE_BUNDLED`.
 */
export function packageFile(name: string): string {
  if (packageRoot !== undefined) return path.join(packageRoot, name);
  throw new SphereIotError(
    'PACKAGE_BUNDLED',
    `${name} of the package sphere-iot is not in this bundle. Tell the bundler that sphere-iot is external.`,
  );
}
