import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../make-folder.js';
import type { CmakeVariables } from './ide-settings.js';
import { findToolchain, type Run } from './toolchain.js';

/** The folder of a build with what stands for emcc while an app is configured and built: first on PATH. */
export function toolsFolder(build: string): string {
  return path.join(build, 'tools');
}

/**
 * Writes what stands for emcc: it, and em-config, are programs in Python, which cost more time than the compiler.
 * @param kit The folder with archives, headers and the CMake package.
 * @returns The variables that have cmake use them, and ask emcc for nothing.
 * @throws SphereIotError `TOOLS_MISSING`
 */
export async function writeTools(build: string, kit: string, run: Run): Promise<CmakeVariables> {
  const toolchain = await findToolchain(kit, run);
  const { emscripten, c, cxx, link, ar, ranlib } = toolchain;
  const folder = toolsFolder(build);
  const script = path.join(kit, 'cmake/compile.sh');
  const compiler = (language: string, emcc: string, command: readonly string[]): string => `#!/bin/sh
case " $* " in
*' -c '* | *' -E '* | *' -S '*) exec sh ${[script, language, process.execPath, ...command].map(quoted).join(' ')} "$@" ;;
*) exec ${quoted(emcc)} "$@" ;;
esac
`;
  const scripts = {
    emcc: compiler('c', toolchain.emcc, c),
    'em++': compiler('cxx', toolchain.emxx, cxx),
    'em-config': `#!/bin/sh\n[ "$1" = CACHE ] && echo ${quoted(toolchain.cache)}\n`,
  };
  await makeFolder(folder, 0o755);
  for (const [name, text] of Object.entries(scripts)) await writeFile(path.join(folder, name), text, { mode: 0o755 });
  const toolchainFile = path.join(folder, 'toolchain.cmake');
  const compilersFile = path.join(folder, 'compilers.cmake');
  await writeFile(compilersFile, compilersText(folder), { mode: 0o644 });
  await writeFile(toolchainFile, toolchainText(emscripten, compilersFile), { mode: 0o644 });
  const linkFile = path.join(folder, 'link.json');
  if (link !== undefined) await writeFile(linkFile, JSON.stringify(link), { mode: 0o644 });
  return {
    CMAKE_TOOLCHAIN_FILE: toolchainFile,
    CMAKE_PROJECT_INCLUDE: path.join(kit, 'cmake/AzureSphere.cmake'),
    ...(ar && { CMAKE_AR: ar }),
    ...(ranlib && { CMAKE_RANLIB: ranlib }),
    // So that nobody runs emcc to ask for them.
    CMAKE_C_COMPILER_VERSION: toolchain.clangVersion,
    CMAKE_CXX_COMPILER_VERSION: toolchain.clangVersion,
    EMSCRIPTEN_VERSION: toolchain.emscriptenVersion,
    SPHERE_IOT_COMPILERS: 'ON',
    SPHERE_IOT_LINK: link === undefined ? '' : linkFile,
    SPHERE_IOT_WASM_OPT: toolchain.wasmOpt,
    SPHERE_IOT_NODE: process.execPath,
  };
}

/** Emscripten's own toolchain file, and our compilers; what CMake checks reads it, too. */
function toolchainText(emscripten: string, compilersFile: string): string {
  return `include([==[${emscripten}/cmake/Modules/Platform/Emscripten.cmake]==])
include([==[${compilersFile}]==])
set(CMAKE_USER_MAKE_RULES_OVERRIDE [==[${compilersFile}]==])
`;
}

/** Read once more at the end: Emscripten's file is CMake's for the platform, too, and newer versions take emcc whatever was asked for. */
function compilersText(folder: string): string {
  return `set(CMAKE_C_COMPILER [==[${folder}/emcc]==])
set(CMAKE_CXX_COMPILER [==[${folder}/em++]==])
`;
}

function quoted(word: string): string {
  return /^[\w./:=+,@%-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
