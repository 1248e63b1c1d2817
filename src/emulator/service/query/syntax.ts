/** A value of the documents: a name, or one within another. */
export type Path = readonly (string | number)[];

export type BinaryOperator =
  'AND' | 'OR' | '=' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | 'IN' | 'NIN';

export type Expression =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'not' | 'minus'; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: string; readonly inputs: readonly Expression[] };

export const AGGREGATES = ['COUNT', 'AVG', 'SUM', 'MIN', 'MAX'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** One value that each row of the result has. */
export interface Selected {
  /** Its name in the row. */
  readonly as: string;
  /** Over all documents of a group; undefined: the value of the document. */
  readonly aggregate?: Aggregate;
  /** None for COUNT(). */
  readonly path?: Path;
}

/** A query that was read. */
export interface Query {
  /** `*`: the documents as they are. */
  readonly select: '*' | readonly Selected[];
  readonly top: number;
  /** For example `devices.jobs`. */
  readonly from: string;
  readonly where?: Expression;
  readonly groupBy: readonly Path[];
}
