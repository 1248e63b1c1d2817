import { webAssembly, type WasmImports, type WasmMemory } from '../../wasm/webassembly.js';

/**
 * The bytes below an app's data (GLOBAL_BASE of native/cmake/package): NULL, and the members of a struct that would be there. The build has
 * the same numbers in null-checks.cjs, which can load nothing of this package; a test compares them.
 */
export const NULL_PAGE = {
  /** Bytes. */
  size: 4096,
  /** What they hold: as a pointer it leads nowhere, so that one that was read through NULL crashes where it is used. */
  untouched: 0xf5f5f5f5 | 0,
  /** Where the app's own code leaves the address of a read or a write before it traps. */
  readPlace: 4088,
  writePlace: 4092,
} as const;

const UNTOUCHED = NULL_PAGE.untouched;

/** Waits of which one looks at the whole page. */
const WAITS_TO_LOOK = 16;

const UNTOUCHED_PAGE = Buffer.alloc(NULL_PAGE.size, UNTOUCHED & 0xff);

/** Calls before which all of them are looked at, and not only the first few: what an app writes, and its end. */
const LOG = 'app_log';
const LOOKED_AT_CLOSELY = new Set([LOG, 'proc_exit']);

export interface NullAccessPlace {
  /** The first byte. */
  readonly address: number;
  readonly what: 'read' | 'wrote';
  /** The calls of the host between which it happened; empty: the app's start, or its end. Without it, the stack is that of the access. */
  readonly between?: readonly [after: string, before: string];
}

/** An app has read or written through NULL, or near it. Thrown through C, to end it. */
export class NullAccess extends Error {
  constructor(readonly place: NullAccessPlace) {
    super('access through NULL');
  }
}

/**
 * Watches the calls of an app to its host. WebAssembly has memory at address 0, and writes there succeed. The app's own are caught
 * where they happen (native/cmake/package/instrument.cjs); for those of libraries, which it called with a NULL, each call looks
 * whether C has written where nothing is.
 */
export class HostCalls {
  /** How many there were, without those that only write a log: a loop that says something is a loop all the same. */
  count = 0;
  /** The last one's name, as in host.h. */
  last = '';
  #waits = 0;
  readonly #memory: () => WasmMemory;
  #words = new Int32Array(0);
  /** The same memory: Node compares these fast, at each wait. */
  #bytes = Buffer.alloc(0);

  /** @param memory Of a program that is linked, once `arm` is called. */
  constructor(memory: () => WasmMemory) {
    this.#memory = memory;
  }

  /** Before C runs. */
  arm(): void {
    this.#page().fill(UNTOUCHED);
  }

  /** The same functions, watched. */
  watched(imports: WasmImports): WasmImports {
    return Object.fromEntries(
      Object.entries(imports).map(([from, functions]) => [
        from,
        Object.fromEntries(
          Object.entries(functions).map(([name, run]) => [
            name,
            this.#watch(name, run as (...args: unknown[]) => unknown),
          ]),
        ),
      ]),
    );
  }

  /**
   * C waits: looks at the first bytes, and now and then at all.
   * @throws NullAccess
   */
  waits(): void {
    if (++this.#waits % WAITS_TO_LOOK === 0 || !this.#begins()) this.look('app_wait');
  }

  /**
   * Looks at the whole of where nothing is.
   * @throws NullAccess
   */
  look(name: string): void {
    const address = this.written();
    if (address !== undefined) throw new NullAccess({ address, what: 'wrote', between: [this.last, name] });
  }

  /** The first address where nothing is, and C has written; undefined: there is none. */
  written(): number | undefined {
    this.#page();
    if (this.#bytes.equals(UNTOUCHED_PAGE)) return undefined;
    return this.#bytes.findIndex((byte) => byte !== (UNTOUCHED & 0xff));
  }

  /** What a trap of C was, if the app's own code was about to read or to write through NULL. */
  nullAccess(trap: unknown): NullAccess | undefined {
    const page = this.#page();
    const [read, wrote] = [page[NULL_PAGE.readPlace / 4], page[NULL_PAGE.writePlace / 4]];
    if (!(trap instanceof webAssembly.RuntimeError) || (read === UNTOUCHED && wrote === UNTOUCHED)) return undefined;
    const place =
      read === UNTOUCHED ? { address: wrote as number, what: 'wrote' } : { address: read as number, what: 'read' };
    return Object.assign(new NullAccess(place as NullAccessPlace), { stack: trap.stack });
  }

  #watch(name: string, run: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
    const closely = LOOKED_AT_CLOSELY.has(name);
    return (...args) => {
      if (closely || !this.#begins()) this.look(name);
      if (name !== LOG) this.count++;
      this.last = name;
      return run(...args);
    };
  }

  /** Whether the first 32 bytes are untouched: where most of what is written through NULL goes. */
  #begins(): boolean {
    const words = this.#words.length === 0 ? this.#page() : this.#words;
    return (
      words[0] === UNTOUCHED &&
      words[1] === UNTOUCHED &&
      words[2] === UNTOUCHED &&
      words[3] === UNTOUCHED &&
      words[4] === UNTOUCHED &&
      words[5] === UNTOUCHED &&
      words[6] === UNTOUCHED &&
      words[7] === UNTOUCHED
    );
  }

  #page(): Int32Array {
    // A memory that has grown is another one.
    if (this.#words.length === 0) {
      const { buffer } = this.#memory();
      this.#words = new Int32Array(buffer, 0, NULL_PAGE.size / 4);
      this.#bytes = Buffer.from(buffer, 0, NULL_PAGE.size);
    }
    return this.#words;
  }
}
