// From C declarations and annotations to what the binding does with each parameter and result.

/** wasm-build/annotations.json, with a check that nothing in it names what is not there. */
export class Annotations {
  #data;
  constructor(data) {
    this.#data = data;
    for (const key of ['headers', 'structs', 'providers', 'internalExports', 'options']) this[key] = data[key];
  }
  isExcluded(name) {
    return (
      name in this.#data.excluded ||
      this.providers.includes(name) ||
      Object.keys(this.#data.excludedPatterns).some((pattern) => new RegExp(pattern).test(name))
    );
  }
  isReplaced = (name) => name in this.#data.replaced;
  lengthOf = (owner, parameter) => this.#data.lengths[owner]?.[parameter];
  isLength = (owner, parameter) => Object.values(this.#data.lengths[owner] ?? {}).includes(parameter);
  lifetimeOf = (owner, parameter) => this.#data.callbacks[owner]?.[parameter];
  callbackReturn = (name) => this.#data.callbackReturns[name];
  borrowedFrom = (name) => this.#data.creates[name]?.borrowedFrom;
  destroys = (name) => this.#data.destroys.includes(name);
  takes = (name) => this.#data.takes[name];
  works = (name) => this.#data.works.includes(name);
  docOf = (name) => this.#data.docs[name];

  checkAllUsed(api) {
    const known = new Set([...api.functions, ...api.callbacks, ...api.structs, ...api.enums].map((d) => d.name));
    const { docs, excluded, lengths, callbacks, callbackReturns, creates, takes, options, replaced } = this.#data;
    const named = [docs, excluded, lengths, callbacks, callbackReturns, creates, takes, options, replaced].flatMap(
      Object.keys,
    );
    const unknown = [...named, ...this.#data.destroys, ...this.#data.works, ...this.providers, ...this.structs].filter(
      (n) => !known.has(n),
    );
    if (unknown.length > 0)
      throw new Error(`wasm-build/annotations.json names what no header has: ${unknown.join(', ')}`);
  }
}

export function describeFunction(declaration, api, annotations) {
  const { name } = declaration;
  const parameters = describeParameters(declaration, api, annotations);
  const returns = describeReturn(declaration.returns, api, name);
  const description = { name, header: declaration.header, parameters, returns };
  const borrowedFrom = annotations.borrowedFrom(name);
  if (borrowedFrom) description.borrowedFrom = parameters.findIndex((p) => p.name === borrowedFrom);
  if (annotations.destroys(name)) description.destroys = 0;
  const taken = annotations.takes(name);
  if (taken) description.takes = parameters.findIndex((p) => p.name === taken);
  if (annotations.works(name)) description.works = true;
  if (parameters.some((p) => p.kind === 'option') && !annotations.options[name])
    missing(name, 'the value types of its options', 'options');
  return description;
}

function describeParameters(declaration, api, annotations) {
  const result = [];
  let afterCallback = false;
  for (const parameter of declaration.parameters) {
    const { name, type } = parameter;
    if (afterCallback) {
      if (type !== 'void *') missing(declaration.name, `why ${name} follows a callback`, 'excluded');
      afterCallback = false;
    } else if (!annotations.isLength(declaration.name, name)) {
      const described = describeParameter(parameter, declaration, api, annotations);
      result.push(described);
      afterCallback = described.kind === 'callback';
    }
  }
  return result;
}

function describeParameter({ name, type }, declaration, api, annotations) {
  const owner = declaration.name;
  const simple = describeValue(type, api);
  if (simple) return { name, ...simple };
  if (type === 'const void *' && name === 'value') return { name, kind: 'option' };
  if (type === 'const unsigned char *' && annotations.lengthOf(owner, name)) return { name, kind: 'bytes' };
  if (/_PROVIDER(_FUNCTION)?$/.test(type)) return { name, kind: 'provider', type };
  if (api.callbacks.some((c) => c.name === type)) {
    const lifetime = annotations.lifetimeOf(owner, name) ?? missing(owner, `how long ${name} is kept`, 'callbacks');
    return { name, kind: 'callback', type, lifetime };
  }
  if (type === 'const unsigned char **' && annotations.lengthOf(owner, name))
    return { name, kind: 'out', of: { kind: 'borrowed-bytes' } };
  // Its size is the compiler's: so none is passed by value.
  if (type === 'time_t *') return { name, kind: 'out', of: { kind: 'time' } };
  const pointed = /^(.*) \*$/.exec(type)?.[1];
  const out = pointed && describeValue(pointed, api);
  if (out && !/^const/.test(type)) return { name, kind: 'out', of: out };
  return missing(owner, `what ${name}, a ${type}, is`, 'excluded, lengths or callbacks');
}

export function describeCallback(declaration, api, annotations) {
  const { name } = declaration;
  const parameters = [];
  for (const parameter of declaration.parameters.slice(0, -1)) {
    if (annotations.isLength(name, parameter.name)) continue;
    const simple = describeValue(parameter.type, api);
    const measured = annotations.lengthOf(name, parameter.name);
    if (simple) parameters.push({ name: parameter.name, ...simple });
    else if (parameter.type === 'const unsigned char *' && measured)
      parameters.push({ name: parameter.name, kind: 'bytes' });
    else if (parameter.type === 'unsigned char **' && measured)
      parameters.push({ name: parameter.name, kind: 'answer' });
    else missing(name, `what ${parameter.name}, a ${parameter.type}, is`, 'lengths');
  }
  if (declaration.parameters.at(-1)?.type !== 'void *') missing(name, 'why it has no context', 'excluded');
  const returns = describeReturn(declaration.returns, api, name);
  const annotated = annotations.callbackReturn(name);
  if (returns.kind !== 'void' && !annotated)
    missing(name, 'what C gets when the JavaScript function throws', 'callbackReturns');
  const failure = typeof annotated?.failure === 'string' ? valueOf(annotated.failure, api) : annotated?.failure;
  return {
    name,
    header: declaration.header,
    parameters,
    returns,
    failure: failure ?? 0,
    keeps: annotated?.keeps && valueOf(annotated.keeps, api),
    returnName: annotated?.name,
  };
}

function describeReturn(type, api, owner) {
  if (type === 'void') return { kind: 'void' };
  return describeValue(type, api) ?? missing(owner, `what its result, a ${type}, is`, 'excluded');
}

function describeValue(type, api) {
  if (api.enums.some((e) => e.name === type)) return { kind: 'enum', type };
  if (api.handles.has(type)) return { kind: 'handle', type };
  if (type === 'bool') return { kind: 'boolean' };
  if (type === 'int') return { kind: 'number', min: -0x80000000, max: 0x7fffffff };
  if (/^(size_t|unsigned int|uint32_t)$/.test(type)) return { kind: 'number', min: 0, max: 0xffffffff };
  if (type === 'const char *') return { kind: 'text' };
  return undefined;
}

function valueOf(enumerator, api) {
  for (const { members } of api.enums) {
    const member = members.find((m) => m.name === enumerator);
    if (member) return member.value;
  }
  throw new Error(`wasm-build/annotations.json names an enumerator that no header has: ${enumerator}`);
}

function missing(owner, what, where) {
  throw new Error(`${owner}: wasm-build/annotations.json does not say ${what} (see "${where}").`);
}
