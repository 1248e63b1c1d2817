import { counted } from '../../../counted.js';
import { printable } from '../../../printable.js';
import { isPayload, type TracedPayload } from './payload.js';
import type { TraceEntry, TraceFact } from './trace-entry.js';

/**
 * A trace entry as one line of text, for example
 * `2026-01-01T00:00:03.000Z #2 kettle-1 out PUBACK packetId=3`.
 */
export function formatTraceEntry(entry: TraceEntry): string {
  const { at, connection, clientId, serverName } = entry;
  const who = clientId ?? serverName ?? '-';
  return oneLine(`${new Date(at).toISOString()} #${connection} ${who} ${formatFact(entry)}`);
}

function formatFact(fact: TraceFact): string {
  switch (fact.type) {
    case 'packet': {
      const { cmd, ...rest } = fact.packet;
      return `${fact.direction} ${cmd.toUpperCase()}${fields(rest)}`;
    }
    case 'frame': {
      const { performative, channel, fields: shown, to, payload } = fact.frame;
      return `${fact.direction} AMQP ${performative}${fields({ channel, ...shown, to, payload })}`;
    }
    case 'http': {
      const { direction, method, path, status, body } = fact;
      return `${direction} HTTP${fields({ method, path, status, body })}`;
    }
    case 'handshake': {
      const { version, cipher, resumed, clientCertificate } = fact;
      return `TLS${fields({ version, cipher, resumed, ...clientCertificate })}`;
    }
    case 'handshakeFailed':
      return `TLS failed: ${fact.reason}`;
    case 'webSocket':
      return `WEBSOCKET${fields({ path: fact.path, protocol: fact.protocol })}`;
    case 'closed':
      return `closed by ${fact.by}: ${fact.reason}`;
  }
}

function fields(values: object): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => (isPayload(value) ? ` ${formatPayload(value)}` : ` ${key}=${plain(value)}`))
    .join('');
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function formatPayload({ text, base64, length, cut }: TracedPayload): string {
  const shown = text ?? `base64:${base64 ?? ''}`;
  return `${counted(length, 'byte')}${length === 0 ? '' : `: ${shown}${cut ? '…' : ''}`}`;
}

/** Line ends and other control characters would break the line, or what shows it. */
function oneLine(text: string): string {
  const escaped = text.replace(/[\u0000-\u001f\u007f]/g, (character) =>
    JSON.stringify(character).slice(1, -1).replace('\u007f', '\\u007f'),
  );
  return printable(escaped);
}
