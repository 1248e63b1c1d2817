import { isObject, parseJson } from '../../json.js';
import type { Telemetry } from '../hub/telemetry.js';
import type { JsonObject } from '../hub/twin-properties.js';
import type { Model, ModelContent } from './model.js';

/** Something that a device sent and its model does not have. */
export interface Unmodelled {
  readonly kind: 'telemetry' | 'property';
  /** Of the telemetry value or the property; '' for a message as a whole. */
  readonly name: string;
  readonly component?: string;
  /** In words. */
  readonly reason: string;
  readonly value: unknown;
}

/** Names that Central keeps for itself (protocol.md#central). */
const RESERVED = [
  'EventEnqueuedUtcTime',
  'EventProcessedUtcTime',
  'PartitionId',
  'EventHub',
  'User',
  '$metadata',
  '$version',
];

/** Primitive schemas of DTDL, by what JSON has for them; others are text. */
const IS_SCHEMA: Readonly<Record<string, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  double: Number.isFinite,
  float: Number.isFinite,
  integer: Number.isInteger,
  long: Number.isInteger,
};

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** What of a message the model does not have. */
export function unmodelledTelemetry({ body, systemProperties }: Telemetry, model: Model): readonly Unmodelled[] {
  const component = systemProperties.componentName;
  const content = parseJson(body);
  if (!isObject(content))
    return [{ kind: 'telemetry', name: '', reason: 'the message is no JSON object', value: body.toString() }];
  return levelFaults('telemetry', content, model, component);
}

/** What of the reported properties the model does not have. */
export function unmodelledProperties(reported: JsonObject, model: Model): readonly Unmodelled[] {
  return Object.entries(reported).flatMap(([name, value]) =>
    isObject(value) && value['__t'] === 'c'
      ? levelFaults('property', withoutMark(value), model, name)
      : levelFaults('property', { [name]: value }, model, undefined),
  );
}

function withoutMark({ __t: _, ...properties }: JsonObject): JsonObject {
  return properties;
}

function levelFaults(
  kind: Unmodelled['kind'],
  values: JsonObject,
  root: Model,
  component: string | undefined,
): readonly Unmodelled[] {
  const model = component === undefined ? root : root.components.get(component);
  const where = component === undefined ? {} : { component };
  return Object.entries(values).flatMap(([name, value]) => {
    const reason =
      model === undefined
        ? `${root.id} has no component ${component ?? ''}`
        : valueFault(kind, name, value, model.contents.get(name), model.id);
    return reason === undefined ? [] : [{ kind, name, ...where, reason, value }];
  });
}

function valueFault(
  kind: Unmodelled['kind'],
  name: string,
  value: unknown,
  content: ModelContent | undefined,
  id: string,
): string | undefined {
  if (RESERVED.includes(name)) return `the name is Central's own`;
  const isExpected =
    kind === 'telemetry'
      ? content?.kind === 'Telemetry'
      : // A long-running command tells its end as a property of its name.
        content?.kind === 'Property' || content?.kind === 'Command';
  if (content === undefined || !isExpected) return `${id} has no ${kind} of that name`;
  const plain = kind === 'property' && isObject(value) && 'value' in value ? value['value'] : value;
  const { schema } = content;
  if (schema === undefined) return undefined;
  const fits = Object.hasOwn(IS_SCHEMA, schema) ? IS_SCHEMA[schema] : undefined;
  return (fits ?? isText)(plain) ? undefined : `${id} says ${schema}, and it is ${JSON.stringify(plain)}`;
}
