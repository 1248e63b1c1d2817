import { packageFile } from '../package-file.js';
import { MAX_TEXT_BYTES, readFileWithinSync } from '../read-file.js';

/** The version in package.json. */
export function packageVersion(): string {
  const text = readFileWithinSync(packageFile('package.json'), MAX_TEXT_BYTES).toString();
  return (JSON.parse(text) as { version: string }).version;
}
