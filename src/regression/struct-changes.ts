import { counted } from '../counted.js';
import type { ApiStruct } from './api-snapshot.js';
import { changed, type Change, type Sides } from './api-change.js';
import { contentsOf, gradeOfTypes, type ApiGrade } from './api-types.js';

/** What changed in a struct: its fields, and where they are laid out. */
export function structChanges(before: ApiStruct, after: ApiStruct, sides: Sides): Change[] {
  let byToolchain: boolean | undefined;
  const layout = (was: string, is: string): Change[] => {
    if (was === is) return [];
    byToolchain ??= isToolchains(before, after, sides);
    return [{ ...changed('layout', 'abi-breaking', was, is), byToolchain }];
  };
  const changes: Change[] = [];
  if (before.kind !== after.kind) changes.push(changed('type', 'abi-breaking', before.kind, after.kind));
  if (before.tag !== after.tag) changes.push(changed('type', 'source-breaking', tagText(before), tagText(after)));
  changes.push(...layout(sizeText(before), sizeText(after)));
  for (const field of before.fields) {
    const other = after.fields.find(({ name }) => name === field.name);
    if (!other) {
      changes.push({ ...goneField(before, after, field), change: 'removed', before: fieldText(field) });
      continue;
    }
    const { namesBefore, namesAfter } = sides;
    const grade = gradeOfTypes([field.type, namesBefore], [other.type, namesAfter], 'other');
    if (grade) changes.push({ ...changed('type', grade, field.type, other.type), member: field.name });
    for (const change of layout(placeText(field), placeText(other))) changes.push({ ...change, member: field.name });
  }
  for (const field of after.fields)
    if (!before.fields.some(({ name }) => name === field.name))
      changes.push({ ...goneField(after, before, field), change: 'added', after: fieldText(field) });
  return changes;
}

type Field = ApiStruct['fields'][number];

/** A field that only one side has: where the other side has one of its type in its place, it was renamed. */
function goneField(here: ApiStruct, there: ApiStruct, field: Field): { member: string; grade: ApiGrade } {
  const renamed = there.fields.some(
    (other) => fieldText(other) === fieldText(field) && !here.fields.some(({ name }) => name === other.name),
  );
  return { member: field.name, grade: renamed ? 'source-breaking' : 'abi-breaking' };
}

function tagText({ kind, tag }: ApiStruct): string {
  return tag ? `${kind} ${tag}` : `${kind} without a tag`;
}

function sizeText({ size, alignment }: ApiStruct): string {
  return `${counted(size, 'byte')}, alignment ${alignment}`;
}

function placeText({ offset, bits }: Field): string {
  return `at ${offset}${bits ? `, bits ${bits}` : ''}`;
}

function fieldText(field: Field): string {
  return `${field.type} ${placeText(field)}`;
}

/** Same declaration, same types in it, one of which the toolchains lay out differently. */
function isToolchains(before: ApiStruct, after: ApiStruct, sides: Sides): boolean {
  const was = contentsOf(before, sides.before, sides.namesBefore);
  const is = contentsOf(after, sides.after, sides.namesAfter);
  const same = isEqual(was.declared, is.declared) && isEqual(was.basic, is.basic);
  return same && [...is.basic].some((name) => sides.differing.has(name));
}

function isEqual(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((entry) => b.has(entry));
}
