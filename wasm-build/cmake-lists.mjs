// Reads lists out of CMakeLists.txt, which is the one place where they stand.
import { readFileSync } from 'node:fs';

/**
 * @param {string} file CMakeLists.txt
 * @param {Record<string, string>} variables Values from outside, as for SDK_FOLDER.
 * @returns a function from the name of a list, made by one `set(NAME …)`, to its entries.
 */
export function cmakeLists(file, variables) {
  const text = readFileSync(file, 'utf8');
  const valuesOf = (name) => {
    if (name in variables) return [variables[name]];
    const body = new RegExp(`^set\\(${name}\\s([^)]*)\\)`, 'm').exec(text)?.[1];
    if (body === undefined) throw new Error(`CMakeLists.txt has no set(${name} …).`);
    return body.trim().split(/\s+/).map(expand);
  };
  const expand = (entry) => entry.replace(/\$\{(\w+)\}/g, (_, name) => valuesOf(name).join(';'));
  return valuesOf;
}
