import type { SphereIotError } from '../../errors.js';

/** Entries of one kind, each under an id of its own. What is put is JSON. */
export interface Collection<T> {
  /** Those that are there from the start, in the order in which they first came. */
  entries(): readonly (readonly [id: string, value: T])[];
  put(id: string, value: T): void;
  delete(id: string): void;
}

/** JSON, and bytes that are kept beside it as they are. */
export class WithBytes {
  constructor(
    readonly value: unknown,
    readonly bytes: Buffer,
  ) {}
}

/** What can't be written as JSON just so: to it, or to WithBytes, and back. */
export interface Codec<T> {
  encode(value: T): unknown;
  /** Throws where it is none. */
  decode(value: unknown): T;
  readonly fits: FitsId<T>;
}

/** Whether an entry may have that id. @param before The id of the entry before it in its collection. */
export type FitsId<T> = (id: string, value: T, before: string | undefined) => boolean;

/** The collections of one part of the emulator, and namespaces within it. */
export interface Namespace {
  namespace(name: string): Namespace;
  collection<T>(name: string, codec?: Codec<T>): Collection<T>;
  /** Names of the namespaces and collections in which there is something from the start. */
  names(): readonly string[];
}

/** Told when nothing can be written, and, with undefined, when it can again. */
export type FaultListener = (fault: SphereIotError | undefined) => void;

/** Where the emulator's state is kept. */
export interface StateStore {
  readonly root: Namespace;
  /** Why nothing can be written at present, `STATE_NOT_WRITTEN` or `STATE_LOCK_LOST`; undefined where all is well. Clients are to be refused then. */
  readonly fault: SphereIotError | undefined;
  onFault(listener: FaultListener): void;
  /**
   * All entries were taken and are what they have to be: from now on the state is kept here. What it was converted from is removed.
   * @throws SphereIotError As `saved`; what Node throws.
   */
  accept(): Promise<void>;
  /**
   * Resolves once all that was put so far would outlive a kill; undefined where it does already. Until then nobody may
   * be told of it.
   * @throws SphereIotError `STATE_NOT_WRITTEN`, `STATE_LOCK_LOST`.
   */
  saved(): Promise<void> | undefined;
  close(): Promise<void>;
}

/** Keeps nothing. */
export const NO_COLLECTION: Collection<never> = { entries: () => [], put: () => undefined, delete: () => undefined };

/** Keeps nothing, at no cost. */
export const NO_NAMESPACE: Namespace = {
  namespace: () => NO_NAMESPACE,
  collection: () => NO_COLLECTION,
  names: () => [],
};

export const NO_STATE: StateStore = {
  root: NO_NAMESPACE,
  fault: undefined,
  onFault: () => undefined,
  accept: () => Promise.resolve(),
  saved: () => undefined,
  close: () => Promise.resolve(),
};
