import type { ApiSnapshot, ApiStruct } from './api-snapshot.js';

/**
 * How much a change breaks: nothing; programs that are compiled anew (what is compiled goes on to work); programs that are
 * compiled already.
 */
export type ApiGrade = 'compatible' | 'source-breaking' | 'abi-breaking';

/** From harmless to worst. */
export const apiGrades: readonly ApiGrade[] = ['compatible', 'source-breaking', 'abi-breaking'];

export function isWorse(grade: ApiGrade, than: ApiGrade): boolean {
  return apiGrades.indexOf(grade) > apiGrades.indexOf(than);
}

/** Where a type stands decides in which direction it converts by itself. */
export type TypePosition = 'parameter' | 'result' | 'other';

/** From the names that a snapshot's headers declare to what they stand for. */
export type TypeNames = ReadonlyMap<string, string>;

export function typeNamesOf({ types, structs, enums }: ApiSnapshot): TypeNames {
  return new Map([
    ...structs.flatMap(({ name, tag, kind }) => (tag ? [[name, `${kind} ${tag}`] as const] : [])),
    ...enums.flatMap(({ name, tag }) => (tag ? [[name, `enum ${tag}`] as const] : [])),
    ...types.map(({ name, type }) => [name, type] as const),
  ]);
}

/** What the change of a type breaks; undefined where nothing changed. A typedef that changed is told of by itself. */
export function gradeOfTypes(
  [before, namesBefore]: readonly [string, TypeNames],
  [after, namesAfter]: readonly [string, TypeNames],
  position: TypePosition,
): ApiGrade | undefined {
  if (before === after) return undefined;
  const [was, is] = [resolveType(before, namesBefore), resolveType(after, namesAfter)];
  if (was === is) return 'compatible';
  if (withoutQualifiers(was) !== withoutQualifiers(is)) return 'abi-breaking';
  return position !== 'other' && convertsByItself(was, is, position) ? 'compatible' : 'source-breaking';
}

const DECLARED = /\b(const )?((?:struct |union |enum )?\w+)\b/;
const ALL_DECLARED = new RegExp(DECLARED, 'g');

/**
 * Replaces the names that the headers declare. Callbacks and arrays keep theirs: they can't be put in by text. What is put in is of
 * one declared type in C, at its begin: a snapshot that says otherwise would grow without end.
 */
function resolveType(type: string, names: TypeNames, depth = 0): string {
  return type.replace(depth === 0 ? ALL_DECLARED : DECLARED, (whole, constant: string | undefined, name) => {
    const target = names.get(name as string);
    if (target === undefined || /[([]/.test(target) || depth > 16) return whole;
    const resolved = resolveType(target, names, depth + 1);
    if (constant === undefined) return resolved;
    return resolved.endsWith('*') ? `${resolved}const` : `const ${resolved}`;
  });
}

function withoutQualifiers(type: string): string {
  return type.replace(/\b(?:const|volatile|restrict|__restrict)\b/g, '').replace(/\s+/g, '');
}

/** In C, `T *` converts to `const T *` by itself, and what stands behind the last `*` concerns nobody outside. */
function convertsByItself(before: string, after: string, position: 'parameter' | 'result'): boolean {
  if (/[([]|volatile|restrict/.test(before + after)) return false;
  const [was, is] = [constLevels(before), constLevels(after)];
  const pointee = was.length - 2;
  return was.every((constant, level) => {
    if (constant === is[level] || level === was.length - 1) return true;
    return level === pointee && constant === (position === 'result');
  });
}

/** For each `*`, whether what stands before it is const; then the same for the whole. */
function constLevels(type: string): boolean[] {
  return type.split('*').map((part) => /\bconst\b/.test(part));
}

/** The basic types that a type is made of or points to, as named in `ApiToolchain.types`. */
export function basicTypesIn(type: string, names: TypeNames): Set<string> {
  const found = new Set<string>();
  addBasicTypes(type, names, found, new Set());
  return found;
}

/** @param seen Names that were looked at: each once, however often it is named, or if it stands for itself. */
function addBasicTypes(type: string, names: TypeNames, found: Set<string>, seen: Set<string>, depth = 0): void {
  if (/[*(]/.test(type)) found.add('pointer');
  for (const [name] of type.matchAll(
    /(?:struct |union |enum )\w+|(?:unsigned |signed )?(?:long long|long double|\w+)/g,
  )) {
    const target = names.get(name);
    if (name.startsWith('enum ')) found.add('enum');
    else if (target === undefined || depth > 16) found.add(basicName(name));
    else if (!seen.has(name)) addBasicTypes(target, names, found, seen.add(name), depth + 1);
  }
}

function basicName(name: string): string {
  return name === 'unsigned' || name === 'signed' ? 'int' : name.replace(/^(?:un)?signed /, '');
}

/** What a struct holds by value: basic types, and itself and the structs in it, each as the header declares it. */
export interface StructContents {
  readonly basic: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
}

export function contentsOf(struct: ApiStruct, snapshot: ApiSnapshot, names: TypeNames): StructContents {
  const basic = new Set<string>();
  const declared = new Set<string>();
  // What is left to look at: structs may stand in one another as deep as they like.
  const left = [struct];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { kind, name, fields } = next;
    const text = `${kind} ${name} { ${fields.map((f) => `${f.type} ${f.name}`).join('; ')} }`;
    if (declared.has(text)) continue;
    declared.add(text);
    for (const { type } of fields) left.push(...structsIn(type, snapshot, names, basic));
  }
  return { basic, declared };
}

/** The struct that a type is, if it is one; else its basic type goes to `basic`. */
function structsIn(type: string, snapshot: ApiSnapshot, names: TypeNames, basic: Set<string>, depth = 0): ApiStruct[] {
  const bare = (type.endsWith(']') ? type.slice(0, type.indexOf('[')) : type)
    .replace(/\b(?:const|volatile) ?/g, '')
    .trim();
  const inner = snapshot.structs.find((s) => s.name === bare || (s.tag && `${s.kind} ${s.tag}` === bare));
  const target = names.get(bare);
  if (/[*(]/.test(bare)) basic.add('pointer');
  else if (inner) return [inner];
  else if (bare.startsWith('enum ') || target?.startsWith('enum ')) basic.add('enum');
  else if (target !== undefined && depth < 16) return structsIn(target, snapshot, names, basic, depth + 1);
  else basic.add(basicName(bare));
  return [];
}
