// What the generated descriptors say of each C function, callback and struct; wasm-build/describe.mjs writes them.

/** A value that is passed or returned as it is. */
export type ValueDescriptor =
  | { readonly kind: 'enum'; readonly type: string }
  | { readonly kind: 'handle'; readonly type: string }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'number'; readonly min: number; readonly max: number }
  | { readonly kind: 'text' };

export type ReturnDescriptor = ValueDescriptor | { readonly kind: 'void' };

/** What C fills in by pointer, with its size in bytes; `borrowed-bytes` is a pointer and a length. */
export type OutDescriptor = (ValueDescriptor & { readonly size: number }) | { readonly kind: 'borrowed-bytes' };

export type ParameterDescriptor = { readonly name: string } & (
  | ValueDescriptor
  | { readonly kind: 'bytes' }
  | { readonly kind: 'provider'; readonly type: string }
  /** `once`: called at most once; `kept`: until it is replaced or its handle destroyed. A context follows in C. */
  | { readonly kind: 'callback'; readonly type: string; readonly lifetime: 'once' | 'kept' }
  | { readonly kind: 'option' }
  | { readonly kind: 'out'; readonly of: OutDescriptor }
);

export interface FunctionDescriptor {
  readonly name: string;
  readonly parameters: readonly ParameterDescriptor[];
  readonly returns: ReturnDescriptor;
  /** The parameter that owns the handle which is returned. */
  readonly borrowedFrom?: number;
  /** The parameter whose handle does not exist afterwards. */
  readonly destroys?: number;
  /** The parameter whose handle C owns afterwards, if it succeeds. */
  readonly takes?: number;
  /** A DoWork. */
  readonly works?: boolean;
  /** TypeScript has a function of its own in its place. */
  readonly replaced?: boolean;
  /** Option name to the type of its value. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface CallbackDescriptor {
  readonly name: string;
  /** In sphere_callback_address. */
  readonly number: number;
  readonly parameters: readonly ({ readonly name: string } & (
    | ValueDescriptor
    | { readonly kind: 'bytes' }
    /** Bytes that the callback returns; C frees them. */
    | { readonly kind: 'answer' }
  ))[];
  readonly returns: ReturnDescriptor;
  /** What C gets when the JavaScript function throws. */
  readonly failure: number;
  /** The answer with which the app keeps the handles that were lent for the call. */
  readonly keeps?: number;
  /** The name of the result, where bytes are returned as well. */
  readonly returnName?: string;
}

export interface StructDescriptor {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly fields: readonly { readonly name: string; readonly kind: 'text' | 'int'; readonly offset: number }[];
}
