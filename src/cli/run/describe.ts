import { formatTraceEntry } from '../../emulator/index.js';
import type { Fact, Happening, Kind } from './happenings.js';

const KIND_OF: Readonly<Partial<Record<Fact['type'], Kind>>> = {
  log: 'log',
  telemetry: 'telemetry',
  pin: 'pins',
  uart: 'uart',
  twin: 'twin',
  method: 'methods',
  cloud: 'cloud',
  network: 'cloud',
  packet: 'packets',
};

/** By what `show` and `hide` name it; undefined: it is always shown. */
export function kindOf({ type }: Fact): Kind | undefined {
  return KIND_OF[type];
}

/** Hexadecimal digits of a device id that are shown. */
const SHOWN_ID = 8;

/** Without its time, in one line. */
export function describeFact(fact: Fact): string {
  switch (fact.type) {
    case 'log':
      return fact.line;
    case 'telemetry':
      return `telemetry ${shown(fact.body)}${propertiesOf(fact.properties)}`;
    case 'pin':
      return `pin ${fact.pin} ${fact.value}`;
    case 'uart':
      return `uart ${fact.uart} ${JSON.stringify(fact.text)}`;
    case 'twin':
      return `${fact.section} ${JSON.stringify(fact.patch)}`;
    case 'method':
      return `method ${fact.name} status ${fact.status} ${JSON.stringify(fact.payload)}`;
    case 'cloud':
      return withShortIds(fact.text);
    case 'packet':
      return withShortIds(formatTraceEntry(fact.entry));
    case 'network':
      return `network ${fact.up ? 'up' : 'down'}`;
    case 'signal':
      return `signal ${fact.signal}`;
    case 'exit':
      return `exit ${fact.code}`;
    case 'crash':
      return `crash ${fact.code}`;
  }
}

/** With its time, for a list of what happened last. */
export function describeHappening(happening: Happening): string {
  return `${new Date(happening.at).toISOString()} ${happening.type === 'log' ? 'log ' : ''}${describeFact(happening)}`;
}

function shown(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function propertiesOf(properties: Readonly<Record<string, string>>): string {
  return Object.keys(properties).length === 0 ? '' : ` properties ${JSON.stringify(properties)}`;
}

/** Device ids have 128 digits. */
function withShortIds(text: string): string {
  return text.replace(/\b[0-9a-f]{128}\b/gi, (id) => `${id.slice(0, SHOWN_ID)}…`);
}
