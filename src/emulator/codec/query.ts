/**
 * The value of `key` in a topic's or username's `k=v&k=v` part, as it was sent: not decoded, since request ids are
 * echoed verbatim (protocol.md#dps-clients). The first of several counts (protocol.md#hub-connect).
 */
export function queryValue(query: string, key: string): string | undefined {
  for (const part of query.replace(/^\?/, '').split('&')) {
    const equals = part.indexOf('=');
    if (equals >= 0 && part.slice(0, equals) === key) return part.slice(equals + 1);
  }
  return undefined;
}

/** Percent-decoded; as it was sent where that is not possible. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
