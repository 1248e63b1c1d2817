import { ServiceError } from './service-error.js';

/** What `If-Match` asks for: any version, a version, or nothing. */
export type IfMatch =
  { readonly kind: 'any' } | { readonly kind: 'tag'; readonly tag: string } | { readonly kind: 'none' };

/** Reads the header. `"*"`, `*`, `"tag"` and `tag` are all sent (protocol.md#service-access). */
export function parseIfMatch(header: string | undefined): IfMatch {
  const tag = unquoted(header ?? '');
  if (tag === '') return { kind: 'none' };
  return tag === '*' ? { kind: 'any' } : { kind: 'tag', tag };
}

/** @throws ServiceError 412 where another version is asked for than the one that is there. */
export function checkIfMatch(ifMatch: IfMatch, current: string, what: string): void {
  if (ifMatch.kind !== 'tag' || ifMatch.tag === unquoted(current)) return;
  throw new ServiceError(
    412,
    'PreconditionFailed',
    `Precondition failed: ${what} has the ETag ${current}, and If-Match asks for ${ifMatch.tag}.`,
    412001,
  );
}

/** As the header `ETag` has it: in quotes. */
export function quoted(etag: string): string {
  return `"${unquoted(etag)}"`;
}

function unquoted(tag: string): string {
  return tag.trim().replace(/^"(.*)"$/, '$1');
}
