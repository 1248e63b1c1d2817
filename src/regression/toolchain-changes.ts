import { counted } from '../counted.js';
import type { ApiSnapshot, ApiToolchain } from './api-snapshot.js';
import { changed, type ApiChange, type Sides } from './api-change.js';
import { basicTypesIn, type TypeNames } from './api-types.js';

/** The basic types that two toolchains lay out differently. */
export function differingTypes(before: ApiToolchain, after: ApiToolchain): string[] {
  const all = Object.keys({ ...before.types, ...after.types });
  return all.filter((name) => basicText(before, name) !== basicText(after, name));
}

function basicText({ types }: ApiToolchain, name: string): string {
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (!type) return 'unknown';
  const sign = type.signed === undefined ? '' : type.signed ? ', signed' : ', unsigned';
  return `${counted(type.size, 'byte')}, alignment ${type.alignment}${sign}`;
}

/** In what the toolchains themselves differ: what they are, and the basic types that the surface uses. */
export function toolchainChanges({ before, after, namesBefore, namesAfter, differing }: Sides): ApiChange[] {
  const [was, is] = [before.toolchain, after.toolchain];
  const said = (['emscripten', 'clang', 'target', 'flags'] as const)
    .map((name) => ({ name, before: String(was[name] ?? 'none'), after: String(is[name] ?? 'none') }))
    .filter((entry) => entry.before !== entry.after)
    .map((entry) => ({
      kind: 'toolchain' as const,
      change: 'changed' as const,
      grade: 'compatible' as const,
      ...entry,
    }));
  const users = usersOf(before, namesBefore, usersOf(after, namesAfter, new Map()));
  const laidOut = [...differing].flatMap((name) => {
    const usedBy = [...(users.get(name) ?? [])].sort();
    const change = changed('layout', 'abi-breaking', basicText(was, name), basicText(is, name));
    return usedBy.length > 0 ? [{ kind: 'toolchain' as const, name, ...change, usedBy }] : [];
  });
  return [...said, ...laidOut];
}

/** Adds the functions, structs and callbacks of a snapshot to the basic types that they use. */
function usersOf(snapshot: ApiSnapshot, names: TypeNames, users: Map<string, Set<string>>): Map<string, Set<string>> {
  const add = (user: string, types: readonly string[]): void => {
    for (const type of types)
      for (const basic of basicTypesIn(type, names)) users.set(basic, (users.get(basic) ?? new Set()).add(user));
  };
  for (const { name, returns, parameters } of snapshot.functions)
    add(name, [returns, ...parameters.map((p) => p.type)]);
  for (const { name, fields } of snapshot.structs)
    add(
      name,
      fields.map((f) => f.type),
    );
  for (const { name, type } of snapshot.types) add(name, [type]);
  return users;
}
