import { asciiLowerCase } from '../ascii.js';
import { derElements, type ChainExtensions, type GeneralName } from './certificate-extensions.js';

/** The choices of GeneralName that are judged. */
const EMAIL = 1;
const DNS = 2;
const DIRECTORY = 4;
const ADDRESS = 7;
const COMMON_NAME = '550403';
const EMAIL_ATTRIBUTE = '2a864886f70d010901';
const BMP_STRING = 30;
const UNIVERSAL_STRING = 28;

/**
 * Why a CA's name constraints forbid a certificate's names (RFC 5280, 4.2.1.10), in words; undefined where they allow them. A name
 * of a kind that is constrained and not judged here is forbidden.
 * @param isLeaf Then a common name that looks like a host's counts as one, where no other host's name is there; as with OpenSSL.
 */
export function nameConstraintFault(ca: ChainExtensions, names: ChainExtensions, isLeaf: boolean): string | undefined {
  if (ca.permitted.length + ca.excluded.length === 0) return undefined;
  for (const name of namesOf(names, isLeaf)) {
    const ofKind = (list: readonly GeneralName[]) => list.filter(({ kind }) => kind === name.kind);
    const [permitted, excluded] = [ofKind(ca.permitted), ofKind(ca.excluded)];
    if (permitted.length + excluded.length === 0) continue;
    if (![EMAIL, DNS, DIRECTORY, ADDRESS].includes(name.kind)) return 'a kind of name that is not judged here';
    if (excluded.some((tree) => isWithin(name, tree))) return 'an excluded name';
    if (permitted.length > 0 && !permitted.some((tree) => isWithin(name, tree))) return 'a name that is not permitted';
  }
  return undefined;
}

function namesOf({ subject, altNames }: ChainExtensions, isLeaf: boolean): GeneralName[] {
  const attributes = rdnsOf(subject).flat();
  const valuesOf = (id: string): Buffer[] =>
    attributes.filter((each) => each.id === id).map(({ text }) => Buffer.from(text));
  const hosts = isLeaf && !altNames.some(({ kind }) => kind === DNS) ? valuesOf(COMMON_NAME) : [];
  return [
    ...(attributes.length === 0 ? [] : [{ kind: DIRECTORY, value: subject }]),
    ...altNames.map((name) => (name.kind === DIRECTORY ? { ...name, value: derElements(name.value)[0]!.value } : name)),
    ...valuesOf(EMAIL_ATTRIBUTE).map((value) => ({ kind: EMAIL, value })),
    ...hosts.filter((value) => /^[\w-]+(?:\.[\w-]+)+$/.test(value.toString())).map((value) => ({ kind: DNS, value })),
  ];
}

function isWithin({ kind, value }: GeneralName, tree: GeneralName): boolean {
  if (kind === DIRECTORY) return isBelow(value, derElements(tree.value)[0]?.value ?? Buffer.alloc(0));
  if (kind === ADDRESS) return isInNetwork(value, tree.value);
  const [name, base] = [asciiLowerCase(value.toString('latin1')), asciiLowerCase(tree.value.toString('latin1'))];
  if (kind === DNS) return base === '' || name === base || name.endsWith(base.startsWith('.') ? base : `.${base}`);
  if (base.includes('@')) return name === base;
  return base.startsWith('.') ? name.endsWith(base) : name.slice(name.lastIndexOf('@') + 1) === base;
}

/** The base is an address and a mask of the same length. */
function isInNetwork(address: Buffer, base: Buffer): boolean {
  const { length } = address;
  if (base.length !== 2 * length) return false;
  return address.every((byte, i) => ((byte ^ (base[i] as number)) & (base[length + i] as number)) === 0);
}

function isBelow(name: Buffer, base: Buffer): boolean {
  const [longer, shorter] = [rdnsOf(name), rdnsOf(base)];
  const written = (rdn: readonly Attribute[] | undefined): string =>
    JSON.stringify((rdn ?? []).map(({ id, text }) => [id, compared(text)]).sort());
  return shorter.every((rdn, i) => written(rdn) === written(longer[i]));
}

/** Attributes are compared without regard to ASCII case, and to how much white space is in them. */
function compared(text: string): string {
  return asciiLowerCase(text).split(/\s+/).filter(Boolean).join(' ');
}

interface Attribute {
  /** Hex of the id's DER. */
  readonly id: string;
  readonly text: string;
}

function rdnsOf(name: Buffer): Attribute[][] {
  return derElements(name).map((rdn) =>
    derElements(rdn.value).map((attribute) => {
      const [id, value] = derElements(attribute.value);
      return { id: id?.value.toString('hex') ?? '', text: value === undefined ? '' : textOf(value.tag, value.value) };
    }),
  );
}

function textOf(tag: number, value: Buffer): string {
  if (tag === BMP_STRING && value.length % 2 === 0) return Buffer.from(value).swap16().toString('utf16le');
  if (tag === UNIVERSAL_STRING) return value.toString('hex');
  return value.toString('utf8');
}
