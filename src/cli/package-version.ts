import { packageFile } from '../package-file.js';
import { LARGEST_TEXT, readFileWithinSync } from '../read-file.js';

/** The version in package.json. */
export function packageVersion(): string {
  const text = readFileWithinSync(packageFile('package.json'), LARGEST_TEXT).toString();
  return (JSON.parse(text) as { version: string }).version;
}
