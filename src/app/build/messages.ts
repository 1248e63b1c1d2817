/** Lines in which the build speaks of itself, not of the app. */
const NOISE = [
  /^\[\d+\/\d+\]/,
  /^FAILED: /,
  /^: && /,
  /^\S*\/emcc /,
  /^emcc: error: '/,
  /^ninja: /,
  /^cd \S+ && /,
  /^-- /,
  /^See also "/,
  /^Not searching for unused variables/,
  /^Call Stack \(most recent call first\)/,
  /^ {2}\S*(AzureSphere\.cmake|CMakeLists\.txt):\d+ \(/,
  /^clang: note: /,
  /^CMake Generate step failed/,
];

/** What the compiler, the linker or cmake said of the app, out of all that a build writes. */
export function messagesOf(output: string): string {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '' && !NOISE.some((noise) => noise.test(line)));
  return lines.length > 0 ? lines.join('\n') : output.trim();
}
