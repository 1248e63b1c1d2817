import { defined } from '../defined.js';
import type { ApiSnapshot } from './api-snapshot.js';
import type { ApiGrade, TypeNames } from './api-types.js';

/** One difference between two snapshots. */
export interface ApiChange {
  readonly kind: 'header' | 'function' | 'type' | 'enum' | 'struct' | 'constant' | 'toolchain';
  /** Of the declaration; of a toolchain's change: of a basic type, or what the toolchain says about itself. */
  readonly name: string;
  /** The enumerator or field, where it is one that changed. */
  readonly member?: string;
  /** Where it stands now, or stood. */
  readonly header?: string;
  /** It is one of this project's: what Azure Sphere adds to the SDK. */
  readonly ours?: true;
  readonly change: 'added' | 'removed' | 'changed';
  /** What changed: the type, the value, the layout in bytes, or the header in which it stands. */
  readonly aspect?: 'type' | 'value' | 'layout' | 'header';
  readonly grade: ApiGrade;
  readonly before?: string;
  readonly after?: string;
  /** Of a basic type: the declarations that use it. */
  readonly usedBy?: readonly string[];
}

/** Both snapshots, and what every comparison needs of them. */
export interface Sides {
  readonly before: ApiSnapshot;
  readonly after: ApiSnapshot;
  readonly namesBefore: TypeNames;
  readonly namesAfter: TypeNames;
  /** The basic types that the two toolchains lay out differently. */
  readonly differing: ReadonlySet<string>;
}

/** A change of a declaration, before it is said of which; `byToolchain`: the toolchain alone caused it. */
export type Change = Omit<ApiChange, 'kind' | 'name' | 'header' | 'ours'> & { readonly byToolchain?: boolean };

export function changed(
  aspect: NonNullable<ApiChange['aspect']>,
  grade: ApiGrade,
  before: string | undefined,
  after: string | undefined,
): Change {
  return {
    change: 'changed',
    aspect,
    grade,
    ...defined({ before, after }),
  };
}

/** A value as C writes it. */
export function valueText(value: string | number | undefined): string {
  return value === undefined ? 'no value' : JSON.stringify(value);
}
