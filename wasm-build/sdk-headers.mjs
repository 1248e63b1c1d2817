// Which headers are read, and with what: those that annotations.json names, with the folders and definitions of
// CMakeLists.txt, and what Azure Sphere adds.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cmakeLists } from './cmake-lists.mjs';

/**
 * @param {object} input
 * @param {string} input.root The project's folder.
 * @param {string} input.sdk The SDK's folder.
 * @returns the input of parseHeaders. Headers that another version of the SDK does not have are left out.
 */
export function sdkHeaders({ root, sdk }) {
  const { headers } = JSON.parse(readFileSync(path.join(root, 'wasm-build/annotations.json'), 'utf8'));
  const listOf = cmakeLists(path.join(root, 'CMakeLists.txt'), { SDK_FOLDER: sdk });
  const includes = [...listOf('sdk_includes'), sphereFolder(root)];
  return {
    includes,
    flags: listOf('sdk_definitions').map((name) => `-D${name}`),
    headers: headers.filter((header) => includes.some((folder) => existsSync(path.join(folder, header)))),
  };
}

/** Our headers: what Azure Sphere adds to the SDK. */
export function sphereFolder(root) {
  return path.join(root, 'native/include');
}
