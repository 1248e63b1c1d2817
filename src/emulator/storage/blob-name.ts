/** Characters; a rule of the Blob service. */
const MAX_BLOB_NAME = 1024;
/** Parts between slashes; a rule of the Blob service. */
const MAX_SEGMENTS = 254;
/** Control characters, lone halves of surrogate pairs, code points for private use and those that are no characters. */
const REFUSED = /[\p{Cc}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]/u;
/** Letters and digits in lower case, and single hyphens between them; or one of the two special containers. */
const CONTAINER = /^(?:\$root|\$web|[a-z0-9](?:-?[a-z0-9]){2,62})$/;
const MAX_CONTAINER_NAME = 63;

/** Why the Blob service does not take a name for a blob, in words; undefined where it takes it. */
export function blobNameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > MAX_BLOB_NAME) return `it has ${name.length} characters, of ${MAX_BLOB_NAME}`;
  const segments = name.split('/');
  if (segments.length > MAX_SEGMENTS) return `it has ${segments.length} parts between slashes, of ${MAX_SEGMENTS}`;
  // Clients take such parts out of an address, which then is another blob's.
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'it has a part that is . or ..';
  return REFUSED.test(name) ? 'it has control characters, or code points that are no Unicode characters' : undefined;
}

/** Whether the Blob service takes a name for a container. Such a name has no slash, so that paths are unambiguous. */
export function isContainerName(name: string): boolean {
  return name.length <= MAX_CONTAINER_NAME && CONTAINER.test(name);
}
