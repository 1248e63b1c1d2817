import { counted } from '../counted.js';
import type { ApiConstant, ApiEnum, ApiFunction, ApiHeader, ApiSnapshot, ApiStruct, ApiType } from './api-snapshot.js';
import { changed, valueText, type ApiChange, type Change, type Sides } from './api-change.js';
import { apiGrades, gradeOfTypes, typeNamesOf, type ApiGrade } from './api-types.js';
import { structChanges } from './struct-changes.js';
import { differingTypes, toolchainChanges } from './toolchain-changes.js';

export interface ApiDiff {
  /** The worst of `changes`. */
  readonly grade: ApiGrade | 'none';
  /** Sorted by kind, name and member. */
  readonly changes: readonly ApiChange[];
  /** What the toolchain alone caused, with the grade that it would have; not in `grade`. */
  readonly toolchain: readonly ApiChange[];
}

const kinds = ['header', 'function', 'type', 'enum', 'struct', 'constant', 'toolchain'];

/** Everything in which a snapshot differs from an earlier one, graded. */
export function diffApi(before: ApiSnapshot, after: ApiSnapshot): ApiDiff {
  const sides: Sides = {
    before,
    after,
    namesBefore: typeNamesOf(before),
    namesAfter: typeNamesOf(after),
    differing: new Set(differingTypes(before.toolchain, after.toolchain)),
  };
  const changes: ApiChange[] = [];
  const toolchain = toolchainChanges(sides);
  const ours = new Set([...before.headers, ...after.headers].filter((h) => h.ours).map((h) => h.name));
  const add: Add = (kind, { name, header }, { byToolchain, ...change }) => {
    const place = header === undefined ? {} : { header, ...(ours.has(header) ? { ours: true as const } : {}) };
    (byToolchain ? toolchain : changes).push({ kind, name, ...place, ...change });
  };
  compare('header', before.headers.map(inItself), after.headers.map(inItself), add, () => []);
  compare('function', before.functions, after.functions, add, (a, b) => functionChanges(a, b, sides));
  compareTypesAndStructs(sides, add);
  compare('enum', before.enums, after.enums, add, enumChanges);
  compare('constant', before.constants, after.constants, add, (a, b) => constantChanges(a, b, sides));
  const grade = apiGrades.findLast((g) => changes.some((c) => c.grade === g)) ?? 'none';
  return { grade, changes: changes.sort(inOrder), toolchain: toolchain.sort(inOrder) };
}

interface Named {
  readonly name: string;
  readonly header?: string;
}
type Add = (kind: ApiChange['kind'], declaration: Named, change: Change) => void;

function inItself({ name }: ApiHeader): Named {
  return { name, header: name };
}

/** What is gone, what is new, and what `differ` says about the rest. */
function compare<T extends Named>(
  kind: ApiChange['kind'],
  before: readonly T[],
  after: readonly T[],
  add: Add,
  differ: (before: T, after: T) => readonly Change[],
): void {
  const now = new Map(after.map((entry) => [entry.name, entry]));
  const then = new Map(before.map((entry) => [entry.name, entry]));
  for (const entry of before) {
    const other = now.get(entry.name);
    if (!other) add(kind, entry, { change: 'removed', grade: gradeOfRemoval(kind), before: textOf(kind, entry) });
    else for (const change of [...headerChange(entry, other), ...differ(entry, other)]) add(kind, other, change);
  }
  for (const entry of after)
    if (!then.has(entry.name)) add(kind, entry, { change: 'added', grade: 'compatible', after: textOf(kind, entry) });
}

/** Only functions have a symbol that compiled programs look for. */
function gradeOfRemoval(kind: ApiChange['kind']): ApiGrade {
  return kind === 'function' ? 'abi-breaking' : 'source-breaking';
}

function headerChange(before: Named, after: Named): Change[] {
  if (before.header === after.header) return [];
  return [changed('header', 'source-breaking', before.header, after.header)];
}

/** A declaration in a line, for what is added or removed. */
function textOf(kind: ApiChange['kind'], entry: Named): string {
  if (kind === 'function') return prototypeOf(entry as ApiFunction);
  if (kind === 'type') return (entry as ApiType).type;
  if (kind === 'struct') return counted((entry as ApiStruct).size, 'byte');
  if (kind === 'enum') return counted((entry as ApiEnum).members.length, 'enumerator');
  return kind === 'constant' ? valueText((entry as ApiConstant).value) : entry.name;
}

// ---- functions

function prototypeOf({ name, returns, parameters, variadic }: ApiFunction): string {
  const named = (type: string, what: string): string => (type.endsWith('*') ? type + what : `${type} ${what}`.trim());
  const list = parameters.map((parameter) => named(parameter.type, parameter.name));
  return `${named(returns, name)}(${[...list, ...(variadic ? ['...'] : [])].join(', ') || 'void'})`;
}

function functionChanges(before: ApiFunction, after: ApiFunction, { namesBefore, namesAfter }: Sides): Change[] {
  const [was, is] = [prototypeOf(before), prototypeOf(after)];
  if (was === is) return [];
  const counts = (f: ApiFunction): string => `${f.parameters.length} ${f.variadic}`;
  const grades =
    counts(before) !== counts(after)
      ? ['abi-breaking' as const]
      : [
          gradeOfTypes([before.returns, namesBefore], [after.returns, namesAfter], 'result'),
          ...before.parameters.map((parameter, i) => {
            const type = after.parameters[i]?.type ?? '';
            return gradeOfTypes([parameter.type, namesBefore], [type, namesAfter], 'parameter');
          }),
        ];
  return [changed('type', worst(grades), was, is)];
}

function worst(grades: readonly (ApiGrade | undefined)[]): ApiGrade {
  return apiGrades.findLast((grade) => grades.includes(grade)) ?? 'compatible';
}

// ---- typedefs and structs

/** `typedef struct X_TAG X` may be completed, or its struct hidden: the name is then in the other list. */
function compareTypesAndStructs(sides: Sides, add: Add): void {
  const { before, after, namesBefore, namesAfter } = sides;
  const completed = moved([before.types, after.types], [before.structs, after.structs]);
  const hidden = moved([before.structs, after.structs], [before.types, after.types]);
  const others = <T extends Named>(list: readonly T[]): T[] =>
    list.filter(({ name }) => !completed.includes(name) && !hidden.includes(name));
  compare('type', others(before.types), others(after.types), add, (a, b) => {
    const grade = gradeOfTypes([a.type, namesBefore], [b.type, namesAfter], 'other');
    return grade ? [changed('type', grade, a.type, b.type)] : [];
  });
  compare('struct', others(before.structs), others(after.structs), add, (a, b) => structChanges(a, b, sides));
  for (const struct of after.structs.filter(({ name }) => completed.includes(name))) {
    const type = before.types.find(({ name }) => name === struct.name)?.type;
    add('struct', struct, changed('type', gradeOfCompletion(type, struct), type, textOf('struct', struct)));
  }
  for (const struct of before.structs.filter(({ name }) => hidden.includes(name))) {
    const type = after.types.find(({ name }) => name === struct.name);
    add('struct', type ?? struct, changed('type', 'abi-breaking', textOf('struct', struct), type?.type));
  }
}

type Lists = readonly [before: readonly Named[], after: readonly Named[]];

/** Names that went from one kind of list to the other. In C, a typedef and a tag may have the same name all along. */
function moved([from, fromAfter]: Lists, [toBefore, to]: Lists): string[] {
  const has = (list: readonly Named[], wanted: string): boolean => list.some(({ name }) => name === wanted);
  return from.map(({ name }) => name).filter((name) => has(to, name) && !has(fromAfter, name) && !has(toBefore, name));
}

function gradeOfCompletion(type: string | undefined, { kind, tag }: ApiStruct): ApiGrade {
  return type === `${kind} ${tag}` ? 'compatible' : 'abi-breaking';
}

// ---- enums and constants

function enumChanges(before: ApiEnum, after: ApiEnum): Change[] {
  const changes: Change[] = [];
  if (before.tag !== after.tag) changes.push(changed('type', 'source-breaking', before.tag ?? '', after.tag ?? ''));
  const has = (list: ApiEnum, key: 'name' | 'value', wanted: unknown): boolean =>
    list.members.some((member) => member[key] === wanted);
  for (const { name: member, value } of before.members) {
    const other = after.members.find(({ name }) => name === member);
    // Under another name, the value goes on to mean something.
    const grade = has(after, 'value', value) ? 'source-breaking' : 'abi-breaking';
    if (!other) changes.push({ member, change: 'removed', grade, before: valueText(value) });
    else if (other.value !== value)
      changes.push({ ...changed('value', 'abi-breaking', valueText(value), valueText(other.value)), member });
  }
  for (const { name: member, value } of after.members)
    if (!has(before, 'name', member))
      changes.push({ member, change: 'added', grade: 'compatible', after: valueText(value) });
  return changes;
}

/** A value is compiled into programs; that of a version is meant to change. */
function constantChanges(before: ApiConstant, after: ApiConstant, sides: Sides): Change[] {
  const changes: Change[] = [];
  if (before.kind !== after.kind) changes.push(changed('type', 'source-breaking', before.kind, after.kind));
  const { namesBefore, namesAfter } = sides;
  if (before.type !== undefined && after.type !== undefined) {
    const grade = gradeOfTypes([before.type, namesBefore], [after.type, namesAfter], 'result');
    if (grade) changes.push(changed('type', grade, before.type, after.type));
  }
  if (before.value === after.value) return changes;
  const grade = before.name.endsWith('_VERSION') ? 'compatible' : 'abi-breaking';
  const change = changed('value', grade, valueText(before.value), valueText(after.value));
  return [...changes, { ...change, byToolchain: isToolchainsMacro(before, after, sides) }];
}

/** Its text is the same, and that of every macro of the headers in it: then another header of the toolchain made it. */
function isToolchainsMacro(before: ApiConstant, after: ApiConstant, sides: Sides, depth = 0): boolean {
  const sameToolchain = JSON.stringify(sides.before.toolchain) === JSON.stringify(sides.after.toolchain);
  if (sameToolchain || before.text === undefined || before.text !== after.text || depth > 16) return false;
  return [...before.text.matchAll(/\b[A-Za-z_]\w*/g)].every(([name]) => {
    const [was, is] = [sides.before, sides.after].map((s) => s.constants.find((constant) => constant.name === name));
    return was === undefined && is === undefined ? true : !!was && !!is && isToolchainsMacro(was, is, sides, depth + 1);
  });
}

function inOrder(a: ApiChange, b: ApiChange): number {
  const key = (c: ApiChange): string => [kinds.indexOf(c.kind), c.name, c.member ?? '', c.aspect ?? ''].join('\0');
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}
