import { SphereIotError } from '../../errors.js';
import { isObject } from '../../json.js';
import type { JsonObject } from '../hub/twin-properties.js';

/** What a DTDL interface says of one name. */
export interface ModelContent {
  readonly kind: 'Telemetry' | 'Property' | 'Command';
  readonly writable: boolean;
  /** A primitive schema, `double` for example; undefined where it is complex, which is not looked into. */
  readonly schema: string | undefined;
}

/** One DTDL interface, what it extends included. */
export interface Model {
  readonly id: string;
  readonly contents: ReadonlyMap<string, ModelContent>;
  readonly components: ReadonlyMap<string, Model>;
}

/** How many interfaces may extend or contain one another; DTDL allows less. */
const MAX_DEPTH = 100;

/** The interfaces of an application, by their ids. */
export class Models {
  readonly #interfaces = new Map<string, JsonObject>();
  /** Those that were read: each once, however often it is extended or contained. */
  readonly #models = new Map<JsonObject, Model>();

  /**
   * @param documents DTDL interfaces (version 2 or 3), or arrays of them, as parsed JSON.
   * @throws SphereIotError `MODEL_INVALID`.
   */
  constructor(documents: readonly unknown[] = []) {
    for (const document of documents.flat() as readonly unknown[]) this.#add(document);
    for (const id of this.#interfaces.keys()) this.find(id);
  }

  /** Undefined where there is none. @throws SphereIotError `MODEL_INVALID`. */
  find(id: string): Model | undefined {
    const document = this.#interfaces.get(id);
    return document && this.#read(document, []);
  }

  #add(document: unknown): void {
    if (!isObject(document) || !hasType(document, 'Interface') || typeof document['@id'] !== 'string')
      throw invalid('a model', 'it is no DTDL interface with an @id');
    this.#interfaces.set(document['@id'], document);
  }

  #read(document: JsonObject, above: readonly string[]): Model {
    const { '@id': id = 'an interface without @id' } = document;
    if (typeof id !== 'string') throw invalid('an interface', 'its @id is no text');
    if (above.includes(id)) throw invalid(id, 'it contains or extends itself');
    if (above.length > MAX_DEPTH) throw invalid(id, `more than ${MAX_DEPTH} interfaces extend or contain one another`);
    const known = this.#models.get(document);
    if (known !== undefined) return known;
    const contents = new Map<string, ModelContent>();
    const components = new Map<string, Model>();
    for (const base of listOf(document['extends'])) {
      const model = this.#resolve(base, id, above);
      model.contents.forEach((content, name) => contents.set(name, content));
      model.components.forEach((component, name) => components.set(name, component));
    }
    for (const content of listOf(document['contents'])) {
      if (!isObject(content) || typeof content['name'] !== 'string') throw invalid(id, 'a content of it has no name');
      const { name } = content as { name: string };
      if (hasType(content, 'Component')) components.set(name, this.#resolve(content['schema'], id, above));
      const kind = (['Telemetry', 'Property', 'Command'] as const).find((each) => hasType(content, each));
      if (kind === undefined) continue;
      const { schema } = content;
      const primitive = typeof schema === 'string' ? schema : undefined;
      contents.set(name, { kind, writable: content['writable'] === true, schema: primitive });
    }
    const model = { id, contents, components };
    this.#models.set(document, model);
    return model;
  }

  #resolve(reference: unknown, id: string, above: readonly string[]): Model {
    const document = typeof reference === 'string' ? this.#interfaces.get(reference) : reference;
    if (!isObject(document)) throw invalid(id, `${JSON.stringify(reference)}, which it needs, is not given`);
    return this.#read(document, [...above, id]);
  }
}

function hasType(document: JsonObject, type: string): boolean {
  return listOf(document['@type']).includes(type);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function invalid(id: string, why: string): SphereIotError {
  return new SphereIotError('MODEL_INVALID', `The model ${id} can't be used: ${why}.`);
}
